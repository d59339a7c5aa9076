-- Books of holds: what was taken of a counter and has not ended yet, beside the counter.
--
-- Stored, under three keys:
--   list   its head is the book's own numbers, then the holds in the order in which they expire. A hold's number is
--          that of its place since the list began. What has ended leaves its name until it comes to the head. So a
--          hold is found by its number, and what expired stands at the head: no step looks at more than it ends.
--   aside  holds that do not fit into that order, by their names: those that were renewed, that last much longer or
--          shorter than most, or that stood at the head while much behind them had ended
--   order  the names of these, by when they expire
-- A hold takes 47 bytes in the list, with what Redis keeps of it 49, and some 250 aside.
--
-- Most holds of a book last about equally long, and `span` is how long: a vote, by which it follows them.
--
-- healing.lua says what becomes of a book that a part is missing from.
--
-- A hold that expired is given back, unless it is one that is charged then, and stays known for KEPT: a settlement
-- that comes late is still charged, once.
local HELD_LETTER = 'h' -- of the algorithm whose counters are nothing but holds
local BOOK = '<Bddddddddddddddd'
local BOOK_BYTES = 121
local HOLD = '<BI7I7I7I7I7c11'
local HOLD_BYTES = 47
local KEPT = 60000000 -- microseconds
local FEW = 3 -- how many entries are read first
local PIECE = 64 -- and then at once
local MOST_ENDED = 128 -- names of ended holds behind one that has not, or half of the list if that is more
local STEADY = 64 -- votes

-- A book is a list: Lua makes that in half the time of a table with names, and the stored numbers go into it and out of
-- it at once. These are its places.
local LIST = 1 -- keys
local ASIDE = 2
local ORDER = 3
local COUNTER = 4
local ROW = 5 -- of the counter
local NAME = 6 -- of the question's holds
local AT = 7 -- the book's time, which never runs back
local IS_NEW = 8
local TERMS = 9 -- on which the question takes a hold
local TAKEN = 10 -- the number of that hold, and when it expires
local EXPIRES = 11
-- Stored.
local FORM = 12 -- the version byte
local BASE = 13 -- the number of the first in the list
local NEXT = 14 -- the number of the next one that comes into it
local SWEPT = 15 -- the first number that has not expired by the book's time
local HELD = 16 -- the sum of what has not ended
local DUE = 17 -- no hold of the list expires sooner
local TAIL = 18 -- when the last of the list expires
local LATEST = 19 -- when the last of all does
local STOP = 20 -- when the keys expire
local ASIDE_DUE = 21 -- what lies aside expires no sooner
local ASIDES = 22 -- how many were ever set aside
local GAPS = 23 -- how many of the list have ended
local SPAN = 24
local VOTES = 25
local REUSED = 26 -- the last number that a hold lost by being set aside
local LAST = 27 -- the book's time when it was written

-- Numbers as texts, since Redis writes them with 17 digits.
local function whole(number)
  return string.format('%d', number)
end

-- stop: when it expires. fresh: how much of the cost could go back to where it was charged, at and window.
local function read_hold(entry)
  local charged, stop, cost, fresh, at, window, name = unpack_state(HOLD, entry)
  return { charged = charged == 1, stop = stop, cost = cost, fresh = fresh, at = at, window = window, name = name }
end

local function write_hold(hold)
  return pack(HOLD, hold.charged and 1 or 0, hold.stop, hold.cost, hold.fresh, hold.at, hold.window, hold.name)
end

-- A hold that lies aside; nil where Redis has it no more.
local function read_aside(book, name)
  local entry = call('HGET', book[ASIDE], name)
  return entry and #entry == HOLD_BYTES and read_hold(entry) or nil
end

-- The book whose keys begin at a place, of a counter whose row it is. nil and what a row's check says where it cannot
-- be read.
local function book_read(place, counter_key, row, name)
  local list, aside, order = KEYS[place], KEYS[place + 1], KEYS[place + 2]
  local stored = pcall('LINDEX', list, '0')
  local is_new = not stored
  if is_new then
    stored = pack(BOOK, VERSION, 1, 1, 1, 0, FOREVER, 0, 0, 0, FOREVER, 0, 0, 0, 0, 0, 0)
  elseif #stored ~= BOOK_BYTES or byte(stored) ~= VERSION then
    return nil, unreadable(list, stored)
  end
  local book = {
    list, aside, order, counter_key, row, name, now, is_new,
    false, false, false, -- set when the question takes a hold
    unpack_state(BOOK, stored), -- from FORM to LAST
  }
  if book[LAST] > now then
    book[AT] = book[LAST]
  end
  return book
end

-- Writes the book's own numbers. Its keys live until nothing of it is known any more. They get longer than that, so that
-- few holds have to say it.
local function book_write(book)
  book[LAST] = book[AT]
  if book[IS_NEW] then
    return
  end
  local needed = book[LATEST] + KEPT
  if needed > book[STOP] then
    book[STOP] = needed + (book[LATEST] - book[AT])
    local ttl = ttl_text(ttl_until(book[STOP]))
    call('PEXPIRE', book[LIST], ttl)
    if book[ASIDES] > 0 then
      pcall('PEXPIRE', book[ASIDE], ttl)
      pcall('PEXPIRE', book[ORDER], ttl)
    end
  end
  call('LSET', book[LIST], '0', pack(BOOK, unpack(book, FORM, LAST)))
end

-- Puts a hold where its place in the order does not matter. Before the first, what stands there is of no book.
local function book_set_aside(book, name, stop, entry)
  if book[ASIDES] == 0 then
    call('DEL', book[ASIDE], book[ORDER])
  end
  book[ASIDES] = book[ASIDES] + 1
  call('HSET', book[ASIDE], name, entry)
  call('ZADD', book[ORDER], whole(stop), name)
  if stop > book[AT] and stop < book[ASIDE_DUE] then
    book[ASIDE_DUE] = stop
  end
  local ttl = ttl_text(ttl_until(math.max(book[STOP], stop + KEPT)))
  call('PEXPIRE', book[ASIDE], ttl)
  call('PEXPIRE', book[ORDER], ttl)
end

-- Drops from the head of the list what nothing needs to be known of. With `most`, what else stands among so many
-- entries is set aside.
local function book_drop(book, most)
  local dropped, ended, from, piece = 0, 0, 1, FEW
  local going = true
  while going do
    local entries = call('LRANGE', book[LIST], whole(from), whole(from + piece - 1))
    going = #entries == piece
    for i = 1, #entries do
      local entry = entries[i]
      if #entry ~= HOLD_BYTES then
        ended = ended + 1
      else
        local hold = read_hold(entry)
        if hold.stop > book[AT] - KEPT then
          if not most or dropped >= most then
            going = false
            break
          end
          book_set_aside(book, hold.name, hold.stop, entry)
        end
      end
      dropped = dropped + 1
    end
    from, piece = from + #entries, PIECE
  end
  if dropped > 0 then
    -- The last that goes makes room for the book's own numbers.
    call('LTRIM', book[LIST], whole(dropped), '-1')
    book[BASE], book[GAPS] = book[BASE] + dropped, book[GAPS] - ended
    if book[SWEPT] < book[BASE] then
      book[SWEPT] = book[BASE]
    end
  end
end

-- Whether a hold that lasts so long belongs into the list.
local function book_lists(book, duration)
  local span = book[SPAN]
  if duration * 2 >= span and duration <= span * 2 then
    book[VOTES] = book[VOTES] < STEADY and book[VOTES] + 1 or STEADY
  elseif book[VOTES] == 0 then
    book[SPAN], book[VOTES] = duration, 1
  else
    book[VOTES] = book[VOTES] - 1
    return false
  end
  return true
end

-- Sets aside what stands in the list and lasts longer than until then: each hold once.
local function book_make_way(book, stop)
  while book[NEXT] > book[BASE] and book[TAIL] > stop do
    local last = call('RPOP', book[LIST])
    book[NEXT] = book[NEXT] - 1
    if book[NEXT] > book[REUSED] then
      book[REUSED] = book[NEXT]
    end
    if #last == HOLD_BYTES then
      local hold = read_hold(last)
      book_set_aside(book, hold.name, hold.stop, last)
    else
      book[GAPS] = book[GAPS] - 1
    end
    local before = call('LINDEX', book[LIST], '-1')
    if #before == HOLD_BYTES then
      book[TAIL] = read_hold(before).stop
    end
  end
end

-- Takes a hold of a cost that was charged at and to a window. Returns its number: below 0 where it is aside.
local function book_take(book, stop, charged, cost, at, window)
  local entry = pack(HOLD, charged, stop, cost, cost, at, window, book[NAME])
  book[HELD] = book[HELD] + cost
  if stop > book[LATEST] then
    book[LATEST] = stop
  end
  if not book_lists(book, stop - book[AT]) then
    book_set_aside(book, book[NAME], stop, entry)
    return -book[ASIDES]
  end
  local number = book[NEXT]
  if number > book[BASE] and book[TAIL] > stop then
    book_make_way(book, stop)
    number = book[NEXT]
  end
  if book[SWEPT] > number then
    book[SWEPT] = number
  end
  if book[IS_NEW] then
    call('RPUSH', book[LIST], '', entry)
    book[IS_NEW] = false
  else
    call('RPUSH', book[LIST], entry)
  end
  book[TAIL], book[NEXT] = stop, number + 1
  if stop < book[DUE] then
    book[DUE] = stop
  end
  return number
end

-- A hold by its name and number, and its index in the list unless it is aside. nil if there is none any more, and
-- whether there was one. A number of the list that no hold lost its place to is one hold's for good: where another
-- stands, the one that is asked for was never there, or is of a time that Redis has lost.
local function book_find(book, name, number)
  local was_there = number < 0 and -number <= book[ASIDES] or number > 0 and (number < book[BASE] or number <= book[REUSED])
  if number >= book[BASE] and number < book[NEXT] then
    local index = number - book[BASE] + 1
    local entry = call('LINDEX', book[LIST], whole(index))
    local hold = #entry == HOLD_BYTES and read_hold(entry)
    if hold and hold.name == name then
      return hold, index
    end
    was_there = was_there or entry == name
  end
  local beside = book[ASIDES] > 0 and read_aside(book, name)
  if beside then
    return beside
  end
  return nil, was_there
end

-- Removes a hold that was found.
local function book_remove(book, hold, index)
  if not index then
    call('HDEL', book[ASIDE], hold.name)
    call('ZREM', book[ORDER], hold.name)
    if call('EXISTS', book[ORDER]) == 0 then
      book[ASIDE_DUE] = FOREVER
    end
    return
  end
  if index == 1 and book[NEXT] == book[BASE] + 1 then
    call('RPOP', book[LIST])
    book[BASE] = book[NEXT]
    book[SWEPT] = book[BASE]
    return
  end
  call('LSET', book[LIST], whole(index), hold.name)
  book[GAPS] = book[GAPS] + 1
  if index == 1 then
    book_drop(book)
  elseif book[GAPS] > MOST_ENDED and book[GAPS] * 2 > book[NEXT] - book[BASE] then
    book_drop(book, floor((book[NEXT] - book[BASE]) / 2))
  end
end
