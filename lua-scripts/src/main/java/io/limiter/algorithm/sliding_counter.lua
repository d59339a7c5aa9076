-- Sliding counter, the twin of SlidingCounter.java: admits while
-- previous * (W - elapsed) <= (limit - current - cost) * W. Stored: last charge, window, previous,
-- current. W and elapsed are in units of row.unit microseconds; row.units is W, rounded up.
--
-- Row: c, limit, window, unit of elapsed time, window in that unit.
--
-- Only previous * (W - elapsed) can pass 2^53, after a limit was lowered. It is rounded then, but
-- stays above everything that it is compared with.
local function sliding_counter_end(last, window, previous, current)
  return last - last % window + (current > 0 and 2 or 1) * window
end

-- The first moment at which the cost, no more than the limit, is admitted.
local function sliding_counter_admits_at(row, cost, start, previous, current)
  local window, room = row.window, row.limit - cost
  if current <= room then
    local elapsed = (row.units - floor((room - current) * row.units / previous)) * row.unit
    return start + (elapsed < window and elapsed or window)
  end
  local elapsed = (row.units - floor(room * row.units / current)) * row.unit
  return start + window + (elapsed < window and elapsed or window)
end

local sliding_counter_credit

local function sliding_counter_check(key, row, cost, _, stored)
  if stored == nil then
    stored = pcall('GET', key)
  end
  local at, window = now, row.window
  local previous, current, stored_end = 0, 0, FOREVER
  local start
  if stored then
    if #stored ~= 33 or byte(stored) ~= VERSION then
      return unreadable(key, stored)
    end
    local last, stored_window, stored_previous, stored_current = unpack_state('<dddd', stored, 2)
    if last > at then
      at = last
    end
    start = at - at % window
    local stop = sliding_counter_end(last, stored_window, stored_previous, stored_current)
    if at < stop then
      stored_end = stop
      local age = start - (last - last % window)
      if age == 0 then
        previous, current = stored_previous, stored_current
      elseif age == window then
        previous = stored_current
      end
    end
  else
    start = at - at % window
  end
  local units, left = row.units, row.limit - current
  local weighted = previous * (units - floor((at - start) / row.unit))
  if current <= row.limit - cost and weighted <= (left - cost) * units then
    local used = current + cost
    local remaining = left - cost - ceil(weighted / units)
    if cost > 0 then
      local stop = start + 2 * window
      local state = pack('<Bdddd', VERSION, at, window, previous, used)
      return ADMITTED, remaining, stop - now, 0, 0, state, stop, at, window
    end
    if used == 0 and previous == 0 then
      return ADMITTED, remaining, 0, 0
    end
    local stop = start + (used > 0 and 2 or 1) * window
    return ADMITTED, remaining, (stop < stored_end and stop or stored_end) - now, 0
  end
  local remaining = 0
  if left > 0 and weighted < left * units then
    remaining = left - ceil(weighted / units)
  end
  local reset = 0
  if current > 0 or previous > 0 then
    local stop = start + (current > 0 and 2 or 1) * window
    reset = (stop < stored_end and stop or stored_end) - now
  end
  if cost > row.limit then
    return NEVER, remaining, reset, 0
  end
  local admits_at = sliding_counter_admits_at(row, cost, start, previous, current)
  return DENIED, remaining, reset, (admits_at < stored_end and admits_at or stored_end) - now
end

function read_row.c(place)
  local row = {
    letter = 'c',
    check = sliding_counter_check,
    commit = commit_string,
    credit = sliding_counter_credit,
    limit = tonumber(ARGV[place]),
    window = tonumber(ARGV[place + 1]),
    unit = tonumber(ARGV[place + 2]),
    units = tonumber(ARGV[place + 3]),
  }
  return row, place + 4
end

-- == Giving back: only in scripts that do ==

local function sliding_counter_refund(key, cost, charged_at, charged_window)
  local stored = pcall('GET', key)
  if not is_state(stored, 33) then
    return false
  end
  local last, window, previous, current = unpack_state('<dddd', stored, 2)
  if now >= sliding_counter_end(last, window, previous, current) or window ~= charged_window then
    return false
  end
  local start = last - last % window
  local age = start - (charged_at - charged_at % window)
  if age == 0 and current > 0 then
    current = current > cost and current - cost or 0
  elseif age == window and previous > 0 and now < start + window then
    previous = previous > cost and previous - cost or 0
  else
    return false
  end
  local stop = sliding_counter_end(last, window, previous, current)
  if (current == 0 and previous == 0) or now >= stop then
    call('DEL', key)
    return true, false
  end
  local state = pack('<Bdddd', VERSION, last, window, previous, current)
  commit_string(key, state, stop)
  return true, state
end

-- From the current count, then from the one before, as far as the rule's window counts them.
function sliding_counter_credit(key, row, cost)
  local last, window, previous, current = unpack_state('<dddd', call('GET', key), 2)
  local at = now > last and now or last
  local is_current = at - at % row.window == last - last % row.window
  local given = current < cost and current or cost
  current, cost = current - given, cost - given
  if is_current then
    previous = previous > cost and previous - cost or 0
  end
  local stop = sliding_counter_end(last, window, previous, current)
  if (current == 0 and (previous == 0 or not is_current)) or now >= stop then
    call('DEL', key)
  else
    commit_string(key, pack('<Bdddd', VERSION, last, window, previous, current), stop)
  end
end

refunds.c = sliding_counter_refund
