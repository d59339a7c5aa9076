-- Ends holds, and renews them; in `decide` only where a counter has a book.
--
-- `!<what><count>` is such a question, about holds of one name. What is s to settle, r to release, x to extend. Then
-- come the name, and for each counter `<row>:<amount>:<duration>:0`, the hold's number, and when it expired at first.
-- The amount is what was really used, or with x how much more is wanted; the duration is that from now with x, else 0.
-- Keys are each counter's, and those of its book.
local SETTLE = 115 -- s
local RELEASE = 114 -- r
local EXTEND = 120 -- x

local ENDED = 1
local ENDED_BEFORE = 2
local LAPSED = 3
local UNKNOWN = 4

-- Changes what a counter was charged for a hold to what was really used. What it was charged before it lapsed went
-- back, unless such holds are charged. Returns what is stored of the counter then, as a refund does.
local function settle_hold(book, hold, actual, lapsed)
  local letter, charged = book[ROW].letter, hold.cost
  if lapsed and not hold.charged then
    charged, hold.fresh = 0, 0
  end
  if letter == HELD_LETTER then
    actual = 0
  end
  if actual > charged then
    overcharge[letter](book[COUNTER], book[ROW], actual - charged)
  elseif actual < charged and hold.fresh > 0 then
    local unused = charged - actual
    local given = unused < hold.fresh and unused or hold.fresh
    local _, stored = refunds[letter](book[COUNTER], given, hold.at, hold.window)
    if lapsed then
      -- It counted as charged for good, so a denial may be cached that it ends.
      credited = credited or {}
      credited[#credited + 1] = book[COUNTER]
    end
    return stored
  end
end

-- How much of a hold that grew could go back to where the growth was charged.
local function still_fresh(row, hold, at, window)
  local letter = row.letter
  local same
  if letter == 'l' then
    same = hold.at == at
  elseif letter == 'c' then
    same = hold.at - hold.at % row.window == at - at % row.window
  else
    same = hold.window == window
  end
  return same and hold.fresh or 0
end

-- Renews all holds if each of them has not ended and what is wanted more fits. Returns whether it did.
local function extend_all(asked)
  for i = 1, #asked do
    local one = asked[i]
    if one.ending ~= ENDED then
      return false
    end
    if one.amount > 0 then
      local counter, row = one.book[COUNTER], one.book[ROW]
      local status, _, _, _, _, state, stop, at, window = row.check(counter, row, one.amount)
      if status ~= ADMITTED then
        return false
      end
      one.grown = { state = state, stop = stop, at = at, window = window }
    end
  end
  for i = 1, #asked do
    local one = asked[i]
    local book, hold, grown = one.book, one.hold, one.grown
    if grown then
      book[ROW].commit(book[COUNTER], grown.state, grown.stop)
      hold.fresh = still_fresh(book[ROW], hold, grown.at, grown.window) + one.amount
      hold.cost, hold.at, hold.window = hold.cost + one.amount, grown.at, grown.window
      book[HELD] = book[HELD] + one.amount
    end
    if one.index then
      book_remove(book, hold, one.index)
    end
    -- It never ends sooner than it would have.
    hold.stop = math.max(hold.stop, book[AT] + terms_of(ARGV[arg + 3 * i - 2]).duration)
    book[LATEST] = hold.stop > book[LATEST] and hold.stop or book[LATEST]
    book_set_aside(book, hold.name, hold.stop, write_hold(hold))
    keep_in_use(book, hold.stop)
    book_write(book)
  end
  return true
end

local function end_all(asked, settles)
  for i = 1, #asked do
    local one = asked[i]
    local book, hold = one.book, one.hold
    if hold then
      local lapsed = one.ending == LAPSED
      one.stored = settle_hold(book, hold, settles and one.amount or 0, lapsed)
      book_remove(book, hold, one.index)
      one.hold, one.had = false, hold.cost
      if not lapsed then
        book[HELD] = book[HELD] - hold.cost
      end
      book_write(book)
    end
  end
end

-- Reads what is asked of each counter. Returns the code that ends the question where one cannot be read.
local function read_endings(count)
  local name, asked = ARGV[arg], {}
  for i = 1, count do
    local place, plan = key + 4 * (i - 1), plan_at(arg + 3 * i - 2)
    local book, code, detail = book_open(place + 1, KEYS[place], plan.row, name)
    if not book then
      return nil, code, detail
    end
    local edges = plan.row.edges
    if edges and (now < edges[1] or now >= edges[4]) then
      return nil, NEEDS_WINDOW, now
    end
    asked[i] = {
      book = book,
      amount = plan.cost,
      hold = false,
      index = false,
      ending = UNKNOWN,
      had = 0, -- what it held until it ended
      grown = false, -- what is to be written if it is renewed
      stored = nil, -- what the counter holds after it ended; nil if that is not known
    }
  end
  for i = 1, count do
    local one = asked[i]
    local book = one.book
    book_sweep(book)
    local hold, index = book_find(book, name, tonumber(ARGV[arg + 3 * i - 1]))
    if hold and hold.stop > book[AT] - KEPT then
      one.hold, one.index = hold, index
      one.ending = hold.stop > book[AT] and ENDED or LAPSED
    elseif not hold and index and tonumber(ARGV[arg + 3 * i]) > book[AT] - KEPT then
      one.ending = ENDED_BEFORE
    end
  end
  return asked
end

-- Puts out the code, and for each counter what became of its hold, what the counter says of the amount that was wanted
-- more or else of nothing, what is held, how far it stands above its limit, and of the hold when it expires, or what it
-- held until it ended. Of what was released nobody asks how its counter stands.
local function tell_endings(code, asked, what, wanted)
  local before = size
  out[size + 1] = code
  size = size + 1
  for i = 1, #asked do
    local one = asked[i]
    local book = one.book
    local status, remaining, reset, wait = ADMITTED, 1, 0, 0
    if what ~= RELEASE then
      local row, cost = book[ROW], wanted and one.amount or 0
      status, remaining, reset, wait = row.check(book[COUNTER], row, cost, false, one.stored)
      if status > NEVER then
        out[before + 1], out[before + 2] = status, remaining
        for place = before + 3, size do
          out[place] = nil
        end
        size = before + 2
        return
      end
    end
    out[size + 1], out[size + 2], out[size + 3], out[size + 4], out[size + 5] =
      one.ending, status, remaining, reset, wait
    out[size + 6] = book[HELD]
    out[size + 7] = owed_of(book, remaining)
    out[size + 8] = one.hold and one.hold.stop or one.had
    size = size + 8
  end
end

function answer_ending(text)
  local what, count = byte(text, 2), tonumber(string.sub(text, 3))
  if expired or (undeclared and is_elsewhere(4 * count)) then
    size = size + 1
    out[size] = expired and EXPIRED or ELSEWHERE
  else
    local asked, code, detail = read_endings(count)
    if not asked then
      out[size + 1], out[size + 2] = code, detail
      size = size + 2
    elseif what == EXTEND then
      local extended = extend_all(asked)
      tell_endings(extended and ADMITTED or DENIED, asked, what, not extended)
    else
      end_all(asked, what == SETTLE)
      tell_endings(ADMITTED, asked, what, false)
    end
  end
  key = key + 4 * count
  arg = arg + 1 + 3 * count
end
