-- Sliding counter, the twin of SlidingCounter.java: admits while
-- previous * (W - elapsed) <= (limit - current - cost) * W. Stored: last charge, window, previous,
-- current. W and elapsed are in units of row.unit microseconds; row.units is W, rounded up.
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

function sliding_counter_check(key, row, cost)
  local stored = pcall('GET', key)
  local at, window = now, row.window
  local previous, current, stored_end = 0, 0, FOREVER
  local start
  if stored then
    if #stored ~= 33 or byte(stored) ~= VERSION then
      return BROKEN, key
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
