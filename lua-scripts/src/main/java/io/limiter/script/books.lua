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
-- A hold that expired is given back, unless it is one that is charged then, and stays known for KEPT: a settlement
-- that comes late is still charged, once.
local BOOK = '<Bddddddddddddddd'
local BOOK_BYTES = 121
local HOLD = '<BI7I7I7I7I7c11'
local HOLD_BYTES = 47
local KEPT = 60000000 -- microseconds
local FEW = 3 -- how many entries are read first
local PIECE = 64 -- and then at once
local MOST_ENDED = 128 -- names of ended holds behind one that has not, or half of the list if that is more
local STEADY = 64 -- votes

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
  local entry = call('HGET', book.aside, name)
  return entry and #entry == HOLD_BYTES and read_hold(entry) or nil
end

-- The book whose keys begin at a place, of a counter whose row it is. nil and what a row's check says where it cannot be
-- read. A table that grows field by field would be made several times over.
local function book_read(place, counter_key, row, name)
  local list = KEYS[place]
  local stored = pcall('LINDEX', list, '0')
  local fresh = not stored
  local base, next_number, swept, held, due, tail, latest, stop = 1, 1, 1, 0, FOREVER, 0, 0, 0
  local aside_due, asides, ended, span, votes, reused, last = FOREVER, 0, 0, 0, 0, 0, 0
  if stored then
    if #stored ~= BOOK_BYTES or byte(stored) ~= VERSION then
      return nil, unreadable(list, stored)
    end
    local _
    _, base, next_number, swept, held, due, tail, latest, stop, aside_due, asides, ended, span, votes, reused, last =
      unpack_state(BOOK, stored)
  end
  return {
    list = list,
    aside = KEYS[place + 1],
    order = KEYS[place + 2],
    counter = counter_key,
    row = row,
    name = name,
    at = last > now and last or now,
    fresh = fresh,
    base = base,
    next = next_number,
    swept = swept,
    held = held,
    due = due,
    tail = tail,
    latest = latest,
    stop = stop,
    aside_due = aside_due,
    asides = asides,
    ended = ended,
    span = span,
    votes = votes,
    reused = reused,
    last = last,
    terms = false,
    taken = false,
    expires = false,
  }
end

-- Writes the book's own numbers. Its keys live until nothing of it is known any more. They get longer than that, so that
-- few holds have to say it.
local function book_write(book)
  book.last = book.at
  if book.fresh then
    return
  end
  local needed = book.latest + KEPT
  if needed > book.stop then
    book.stop = needed + (book.latest - book.at)
    local ttl = ttl_text(ttl_until(book.stop))
    call('PEXPIRE', book.list, ttl)
    if book.asides > 0 then
      pcall('PEXPIRE', book.aside, ttl)
      pcall('PEXPIRE', book.order, ttl)
    end
  end
  call(
    'LSET',
    book.list,
    '0',
    pack(
      BOOK,
      VERSION,
      book.base,
      book.next,
      book.swept,
      book.held,
      book.due,
      book.tail,
      book.latest,
      book.stop,
      book.aside_due,
      book.asides,
      book.ended,
      book.span,
      book.votes,
      book.reused,
      book.last
    )
  )
end

-- Puts a hold where its place in the order does not matter. Before the first, what stands there is of no book.
local function book_set_aside(book, hold)
  if book.asides == 0 then
    call('DEL', book.aside, book.order)
  end
  book.asides = book.asides + 1
  call('HSET', book.aside, hold.name, write_hold(hold))
  call('ZADD', book.order, whole(hold.stop), hold.name)
  if hold.stop > book.at and hold.stop < book.aside_due then
    book.aside_due = hold.stop
  end
  local ttl = ttl_text(ttl_until(math.max(book.stop, hold.stop + KEPT)))
  call('PEXPIRE', book.aside, ttl)
  call('PEXPIRE', book.order, ttl)
end

-- Drops from the head of the list what nothing needs to be known of. With `most`, what else stands among so many
-- entries is set aside.
local function book_drop(book, most)
  local dropped, ended, from, piece = 0, 0, 1, FEW
  local going = true
  while going do
    local entries = call('LRANGE', book.list, whole(from), whole(from + piece - 1))
    going = #entries == piece
    for i = 1, #entries do
      local entry = entries[i]
      if #entry ~= HOLD_BYTES then
        ended = ended + 1
      else
        local hold = read_hold(entry)
        if hold.stop > book.at - KEPT then
          if not most or dropped >= most then
            going = false
            break
          end
          book_set_aside(book, hold)
        end
      end
      dropped = dropped + 1
    end
    from, piece = from + #entries, PIECE
  end
  if dropped > 0 then
    -- The last that goes makes room for the book's own numbers.
    call('LTRIM', book.list, whole(dropped), '-1')
    book.base, book.ended = book.base + dropped, book.ended - ended
    if book.swept < book.base then
      book.swept = book.base
    end
  end
end

-- Gives back to a counter what was charged for holds.
local function give_holds_back(counter_key, row, holds)
  local letter, marks, sums = row.letter, {}, {}
  for i = 1, #holds do
    local hold = holds[i]
    if hold.fresh > 0 then
      local mark = letter == 'l' and hold.at or letter == 'c' and hold.at - hold.at % row.window or hold.window
      if not sums[mark] then
        marks[#marks + 1] = mark
        sums[mark] = { 0, hold.at, hold.window }
      end
      sums[mark][1] = sums[mark][1] + hold.fresh
    end
  end
  table.sort(marks)
  if #marks > 1 and give_back_all[letter] then
    give_back_all[letter](counter_key, marks, sums)
    return
  end
  for i = 1, #marks do
    local sum = sums[marks[i]]
    refunds[letter](counter_key, sum[1], sum[2], sum[3])
  end
end

-- What is held in the list.
local function listed_of(book)
  local sum, index = 0, book.swept - book.base + 1
  repeat
    local entries = call('LRANGE', book.list, whole(index), whole(index + PIECE - 1))
    for i = 1, #entries do
      local hold = #entries[i] == HOLD_BYTES and read_hold(entries[i])
      if hold and hold.stop > book.last then
        sum = sum + hold.cost
      end
    end
    index = index + #entries
  until #entries < PIECE
  return sum
end

-- Opens a book, as book_read does. Redis may have lost a part of it, as where it evicts keys or somebody deletes them.
-- Then what is lost is not held any more. A counter that is nothing but holds is free of it; what others were charged
-- for it stays charged, as for a hold that nobody settles.
local function book_open(place, counter_key, row, name)
  local book, code, detail = book_read(place, counter_key, row, name)
  if not book then
    return nil, code, detail
  end
  local lost = 0
  if book.asides > 0 then
    local named, ordered = pcall('HLEN', book.aside), pcall('ZCARD', book.order)
    if type(named) == 'table' then
      return nil, unreadable(book.aside, named)
    elseif type(ordered) == 'table' then
      return nil, unreadable(book.order, ordered)
    elseif named ~= ordered or (named == 0 and book.aside_due < FOREVER) then
      local listed = listed_of(book)
      lost, book.held, book.aside_due = book.held - listed, listed, FOREVER
      call('DEL', book.aside, book.order)
      book_write(book)
    end
  elseif book.fresh then
    lost = FOREVER
  end
  if lost > 0 and row.letter == 'h' then
    refunds.h(counter_key, lost)
  end
  return book
end

-- Ends what has expired by now.
local function book_sweep(book)
  local at = book.at
  if at < book.due and at < book.aside_due then
    return
  end
  local over, piece = {}, FEW
  while book.due <= at do
    local index = book.swept - book.base + 1
    local entries = call('LRANGE', book.list, whole(index), whole(index + piece - 1))
    local due
    for i = 1, #entries do
      if #entries[i] == HOLD_BYTES then
        local hold = read_hold(entries[i])
        if hold.stop > at then
          due = hold.stop
          break
        end
        over[#over + 1] = hold
      end
      book.swept = book.swept + 1
    end
    book.due = due or (#entries < piece and FOREVER) or book.due
    piece = PIECE
  end
  if book.aside_due <= at then
    local names = call('ZRANGEBYSCORE', book.order, '(' .. whole(book.last), whole(at))
    for i = 1, #names do
      over[#over + 1] = read_aside(book, names[i])
    end
    local following =
      call('ZRANGEBYSCORE', book.order, '(' .. whole(at), '+inf', 'WITHSCORES', 'LIMIT', '0', '1')
    book.aside_due = tonumber(following[2]) or FOREVER
    local forgotten = call('ZRANGEBYSCORE', book.order, '-inf', whole(at - KEPT))
    for i = 1, #forgotten do
      call('HDEL', book.aside, forgotten[i])
      call('ZREM', book.order, forgotten[i])
    end
  end
  local free = {}
  for i = 1, #over do
    book.held = book.held - over[i].cost
    if not over[i].charged then
      free[#free + 1] = over[i]
    end
  end
  give_holds_back(book.counter, book.row, free)
  book_drop(book)
  book_write(book)
end

-- Whether a hold that lasts so long belongs into the list.
local function book_lists(book, duration)
  local span = book.span
  if duration * 2 >= span and duration <= span * 2 then
    book.votes = book.votes < STEADY and book.votes + 1 or STEADY
  elseif book.votes == 0 then
    book.span, book.votes = duration, 1
  else
    book.votes = book.votes - 1
    return false
  end
  return true
end

-- Takes a hold. Returns its number: below 0 where it is aside.
local function book_take(book, hold)
  book.held = book.held + hold.cost
  if hold.stop > book.latest then
    book.latest = hold.stop
  end
  if not book_lists(book, hold.stop - book.at) then
    book_set_aside(book, hold)
    return -book.asides
  end
  -- Those in the list that last longer go aside: each of them once.
  while book.next > book.base and book.tail > hold.stop do
    local last = call('RPOP', book.list)
    book.next = book.next - 1
    if book.next > book.reused then
      book.reused = book.next
    end
    if #last == HOLD_BYTES then
      book_set_aside(book, read_hold(last))
    else
      book.ended = book.ended - 1
    end
    local before = call('LINDEX', book.list, '-1')
    if #before == HOLD_BYTES then
      book.tail = read_hold(before).stop
    end
  end
  if book.swept > book.next then
    book.swept = book.next
  end
  if book.fresh then
    call('RPUSH', book.list, '', write_hold(hold))
    book.fresh = false
  else
    call('RPUSH', book.list, write_hold(hold))
  end
  book.tail = hold.stop
  if hold.stop < book.due then
    book.due = hold.stop
  end
  local number = book.next
  book.next = number + 1
  return number
end

-- A hold by its name and number, and its index in the list unless it is aside. nil if there is none any more, and
-- whether there was one. A number of the list that no hold lost its place to is one hold's for good: where another
-- stands, the one that is asked for was never there, or is of a time that Redis has lost.
local function book_find(book, name, number)
  local was_there = number < 0 and -number <= book.asides or number > 0 and (number < book.base or number <= book.reused)
  if number >= book.base and number < book.next then
    local index = number - book.base + 1
    local entry = call('LINDEX', book.list, whole(index))
    if #entry == HOLD_BYTES and string.sub(entry, -11) == name then
      return read_hold(entry), index
    end
    was_there = was_there or entry == name
  end
  local beside = book.asides > 0 and read_aside(book, name)
  if beside then
    return beside
  end
  return nil, was_there
end

-- Removes a hold that was found.
local function book_remove(book, hold, index)
  if not index then
    call('HDEL', book.aside, hold.name)
    call('ZREM', book.order, hold.name)
    if call('EXISTS', book.order) == 0 then
      book.aside_due = FOREVER
    end
    return
  end
  if index == 1 and book.next == book.base + 1 then
    call('RPOP', book.list)
    book.base = book.next
    book.swept = book.base
    return
  end
  call('LSET', book.list, whole(index), hold.name)
  book.ended = book.ended + 1
  if index == 1 then
    book_drop(book)
  elseif book.ended > MOST_ENDED and book.ended * 2 > book.next - book.base then
    book_drop(book, floor((book.next - book.base) / 2))
  end
end
