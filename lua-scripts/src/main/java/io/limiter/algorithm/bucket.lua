-- What token and leaky bucket share, the twin of Bucket.java. Stored: last charge, units in use, and
-- the rate and period they were charged under. A token is row.period units, and row.rate units come
-- free each microsecond.
--
-- Row: t (token) or b (leaky), capacity in tokens, rate, period; these reduced by their gcd.
--
-- Only (at - last) * rate can pass 2^53. It is rounded then, but stays above every amount in use.

-- The amount in units of another period: rounded up, and up to a whole token where the exact fraction
-- would pass 2^52.
local function bucket_convert(used, period, to)
  local rest = used % period
  local fraction = rest * to
  local units = fraction > MAX_PRODUCT and to or ceil(fraction / period)
  local whole = (used - rest) / period * to
  if whole > MAX_PRODUCT then
    return MAX_PRODUCT
  end
  whole = whole + units
  return whole > MAX_PRODUCT and MAX_PRODUCT or whole
end

local bucket_credit

-- An admission also says what was in use before it. Token and leaky bucket differ in nothing but
-- row.delays: whether who is admitted waits for what was in use before.
local function bucket_check(key, row, cost, _, stored)
  if stored == nil then
    stored = pcall('GET', key)
  end
  local at, used, stored_end = now, 0, FOREVER
  local rate, period, capacity = row.rate, row.period, row.capacity_units
  if stored then
    if #stored ~= 33 or byte(stored) ~= VERSION then
      return unreadable(key, stored)
    end
    local last, stored_used, stored_rate, stored_period = unpack_state('<dddd', stored, 2)
    if last > at then
      at = last
    end
    local stop = last + ceil(stored_used / stored_rate)
    if at < stop then
      stored_end = stop
      used = stored_period == period and stored_used or bucket_convert(stored_used, stored_period, period)
      used = used - (at - last) * rate
      if used < 0 then
        used = 0
      end
    end
  end
  if cost > 0 and cost <= row.limit then
    local after = cost * period
    if used <= capacity - after then
      after = used + after
      local stop = at + ceil(after / rate)
      local delay = row.delays and ceil(used / rate) or 0
      local state = pack('<Bdddd', VERSION, at, after, rate, period)
      return ADMITTED, floor((capacity - after) / period), stop - now, delay, used, state, stop, at, 0
    end
  end
  local remaining = used < capacity and floor((capacity - used) / period) or 0
  local reset = 0
  if used > 0 then
    local stop = at + ceil(used / rate)
    reset = (stop < stored_end and stop or stored_end) - now
  end
  if cost > row.limit then
    return NEVER, remaining, reset, 0
  end
  local over = used - (capacity - cost * period)
  if over > 0 then
    local admits_at = at + ceil(over / rate)
    return DENIED, remaining, reset, (admits_at < stored_end and admits_at or stored_end) - now
  end
  return ADMITTED, remaining, reset, row.delays and ceil(used / rate) or 0, used
end

local function bucket_row(place, letter)
  local limit, period = tonumber(ARGV[place]), tonumber(ARGV[place + 2])
  local row = {
    letter = letter,
    check = bucket_check,
    commit = commit_string,
    credit = bucket_credit,
    limit = limit,
    rate = tonumber(ARGV[place + 1]),
    period = period,
    capacity_units = limit * period,
    delays = letter == 'b',
    tells_use = true,
  }
  return row, place + 3
end

read_row.t, read_row.b = bucket_row, bucket_row

-- == Giving back: only in scripts that do ==

local function bucket_refund(key, cost)
  local stored = pcall('GET', key)
  if not is_state(stored, 33) then
    return false
  end
  local last, used, rate, period = unpack_state('<dddd', stored, 2)
  if now >= last + ceil(used / rate) then
    return false
  end
  used = used - cost * period
  local stop = last + ceil(used / rate)
  if used <= 0 or now >= stop then
    call('DEL', key)
    return true, false
  end
  local state = pack('<Bdddd', VERSION, last, used, rate, period)
  commit_string(key, state, stop)
  return true, state
end

-- What is in use now is measured as bucket_check does. What is left keeps the rate it was charged under, so
-- that it comes free no later than it would have.
function bucket_credit(key, row, cost)
  local last, stored_used, rate, period = unpack_state('<dddd', call('GET', key), 2)
  local at = now > last and now or last
  local used = period == row.period and stored_used or bucket_convert(stored_used, period, row.period)
  if cost * row.period >= used - (at - last) * row.rate then
    call('DEL', key)
  else
    bucket_refund(key, cost)
  end
end

refunds.t, refunds.b = bucket_refund, bucket_refund
