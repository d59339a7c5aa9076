-- What charging beyond a limit shares. It stands before the algorithms, and how each does it behind that.

-- Functions by the letter of a row.
--   overcharge(key, row, cost) charges a cost, 1 or more, whatever the limit says, and writes it: else as an
--     admitted charge would be at this time. In use are at most 2^52 of the algorithm's units; what passes that
--     is not charged. It returns what the row's check says to a cost of 0 after it: status, remaining, reset,
--     wait; and then, for a refund of it, at and window as check returns them for a charge
--   owed(key, row) writes nothing. It returns ADMITTED, and how far what is in use stands above the limit,
--     rounded up; 0 if it does not
-- Both return what check does where it cannot be looked at.
--   keep_until(key, stop) lets what is in use be so until then; only of an algorithm that has to be told
--   give_back_all(key, marks, sums) gives back many charges at once: marks are the times at which they were
--     charged, in ascending order, and sums[time][1] how much; only of an algorithm for which one by one takes long
local overcharge, owed, keep_until, give_back_all = {}, {}, {}, {}

-- What an overcharge returns, when it is written.
local function overcharged(key, row, at, window)
  local status, remaining, reset, wait = row.check(key, row, 0)
  return status, remaining, reset, wait, at, window
end

-- Overcharges by a charge under a row that differs from this one in nothing but its limit, the largest there is.
local function overcharge_under(widest, key, row, cost)
  local status, room = row.check(key, widest, 0)
  if status > NEVER then
    return status, room
  end
  if room == 0 then
    return overcharged(key, row, now, 0)
  end
  local _, _, _, _, _, state, stop, at, window = row.check(key, widest, cost < room and cost or room)
  row.commit(key, state, stop)
  return overcharged(key, row, at, window)
end

-- A row of whole counts with the largest limit there is.
local function unlimited(row)
  return { limit = MAX_PRODUCT, window = row.window, edges = row.edges, hold = row.hold }
end

-- What is owed to a row of whole counts.
local function count_owed(key, row)
  local status, room = row.check(key, unlimited(row), 0)
  if status > NEVER then
    return status, room
  end
  local above = MAX_PRODUCT - room - row.limit
  return ADMITTED, above > 0 and above or 0
end
