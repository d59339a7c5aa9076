-- Concurrency, the twin of ConcurrencyLimit.java: admits while in use + cost <= limit. What is charged is
-- in use until it is given back, and at the latest until the end. Stored: last charge, end, in use.
--
-- Row: h, limit, hold: how long what is charged now lasts if it is not given back. Rows of one counter may
-- have different holds.
local concurrency_credit

local function concurrency_check(key, row, cost)
  local stored = pcall('GET', key)
  local at, used, stop = now, 0, now
  if stored then
    if #stored ~= 25 or byte(stored) ~= VERSION then
      return unreadable(key, stored)
    end
    local last, stored_end, stored_used = unpack_state('<ddd', stored, 2)
    if last > at then
      at = last
    end
    if at < stored_end then
      used, stop = stored_used, stored_end
    end
  end
  if cost > 0 and used <= row.limit - cost then
    used = used + cost
    if at + row.hold > stop then
      stop = at + row.hold
    end
    local state = pack('<Bddd', VERSION, at, stop, used)
    return ADMITTED, row.limit - used, stop - now, 0, 0, state, stop, at, 0
  end
  local remaining, reset = used < row.limit and row.limit - used or 0, stop - now
  if cost > row.limit then
    return NEVER, remaining, reset, 0
  end
  if used > row.limit - cost then
    return DENIED, remaining, reset, reset
  end
  return ADMITTED, remaining, reset, 0
end

function read_row.h(place)
  local row = {
    letter = 'h',
    check = concurrency_check,
    commit = commit_string,
    credit = concurrency_credit,
    limit = tonumber(ARGV[place]),
    hold = tonumber(ARGV[place + 1]),
  }
  return row, place + 2
end

-- == Giving back: only in scripts that do ==

-- What is left ends when it would have: which hold ends last is not known here.
local function concurrency_refund(key, cost)
  local stored = pcall('GET', key)
  if not is_state(stored, 25) then
    return false
  end
  local last, stop, used = unpack_state('<ddd', stored, 2)
  if now >= stop then
    return false
  end
  if used <= cost then
    call('DEL', key)
  else
    commit_string(key, pack('<Bddd', VERSION, last, stop, used - cost), stop)
  end
  return true
end

function concurrency_credit(key, _, cost)
  concurrency_refund(key, cost)
end

refunds.h = concurrency_refund
