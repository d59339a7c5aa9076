-- Holds of what questions charge; in `decide` only where a counter has a book.
--
-- Such a counter's argument is `<row>:<cost>:<duration>:<charged>`: for how long its charge is held, in microseconds, 0
-- for one that is final; and whether it is charged, 1, or given back, 0, when it expires.
local terms = {}

-- The terms of a counter with a book; false of any other.
local function terms_of(text)
  local found = terms[text]
  if found == nil then
    local duration, charged = string.match(text, '^%d+:%-?%d+:(%d+):([01])$')
    found = duration and { duration = tonumber(duration), charged = tonumber(charged) } or false
    terms[text] = found
  end
  return found
end

-- Flag h stands as often as there are counters with a book. Three keys of each stand behind all others, and the name of
-- the question's holds before its counters.
function read_holding(header, flags)
  local _, holding = string.gsub(flags, 'h', '')
  if holding > 0 then
    header.holding, header.book_place = holding, header.keys - header.records
    header.keys, header.arguments = header.keys + 3 * holding, header.arguments + 1
  end
end

-- The books of the question at hand, by slot; false of a counter that has none.
local opened = {}

-- Opens the books of a question's counters, and ends what has expired. Returns the code that ends the question where one
-- cannot be read.
function open_books(first_key, first_arg, header)
  books = header.holding and opened
  if not books then
    return
  end
  local place = first_key + header.book_place
  for slot = 1, header.count do
    local held = terms_of(ARGV[first_arg + slot - 1])
    books[slot] = false
    if held then
      local row = plan_at(first_arg + slot - 1).row
      local book, code, detail = book_open(place, KEYS[first_key + slot - 1], row, ARGV[first_arg - 1])
      if not book then
        return code, detail
      end
      book[TERMS] = held
      books[slot] = book
      place = place + 3
    end
  end
  for slot = 1, header.count do
    local book = books[slot]
    if book then
      book_sweep(book)
    end
  end
end

-- A counter that is nothing but holds has room when enough of them expired. Any other has when it says: what is held
-- counts as charged there.
function wait_for(slot, row, cost, wait)
  if row.letter ~= HELD_LETTER then
    return wait
  end
  local book = books[slot]
  local frees = book_frees(book, book[HELD] + cost - row.limit)
  return frees and frees - now or wait
end

-- What is nothing but holds is in use as long as any of them.
local function keep_in_use(book, stop)
  if keep_until[book[ROW].letter] then
    keep_until[book[ROW].letter](book[COUNTER], stop)
  end
end

-- Takes a hold of what was just charged, unless that is final. Returns whether it did.
function hold_charge(slot, cost)
  local book = books[slot]
  local held = book[TERMS]
  if cost > 0 and held.duration > 0 then
    local expires = book[AT] + held.duration
    book[EXPIRES] = expires
    book[TAKEN] = book_take(book, expires, held.charged, cost, charged_at[slot], charged_window[slot])
    if expires > staged_stop[slot] then
      keep_in_use(book, expires)
    end
    book_write(book)
    return true
  end
end

-- Ends what expires first, of a counter that is nothing but holds, as far as so much was given back to it.
function end_some(slot, row, cost)
  local book = books[slot]
  if row.letter == HELD_LETTER then
    book_end_first(book, cost)
    book_write(book)
  end
end

-- How far a counter of which so much remains stands above its limit.
local function owed_of(book, remaining)
  if remaining > 0 then
    return 0
  end
  local _, above = owed[book[ROW].letter](book[COUNTER], book[ROW])
  return above
end

-- Tells for each counter with a book what is held, how far it stands above its limit, the number of the hold that was
-- taken and when it expires, both 0 if none was.
function tell_holds(header)
  local before = size - 4 * header.count
  for slot = 1, header.count do
    local book = books[slot]
    if book then
      out[size + 1] = book[HELD]
      out[size + 2] = owed_of(book, out[before + 4 * slot - 2])
      out[size + 3] = book[TAKEN] or 0
      out[size + 4] = book[EXPIRES] or 0
      size = size + 4
    end
  end
end
