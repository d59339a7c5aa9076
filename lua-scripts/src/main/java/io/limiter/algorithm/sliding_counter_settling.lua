-- Settling a sliding counter, the twin of SlidingCounter.settle: each cost is charged to the count of the
-- window in which it was admitted, the current one or the one before, as far as there is room now.
function settle.c(key, row, first, last)
  local stored = pcall('GET', key)
  local at, window = now, row.window
  local previous, current = 0, 0
  local charged_at, stop
  if stored then
    if #stored ~= 33 or byte(stored) ~= VERSION then
      return unreadable(key, stored)
    end
    local stored_window, stored_previous, stored_current
    charged_at, stored_window, stored_previous, stored_current = unpack_state('<dddd', stored, 2)
    if charged_at > at then
      at = charged_at
    end
    stop = sliding_counter_end(charged_at, stored_window, stored_previous, stored_current)
    if at < stop then
      local age = at - at % window - (charged_at - charged_at % window)
      if age == 0 then
        previous, current = stored_previous, stored_current
      elseif age == window then
        previous = stored_current
      end
    end
  end
  local start, units = at - at % window, row.units
  local weight = units - floor((at - start) / row.unit)
  local charged, gone = 0, 0
  for i = first, last, 2 do
    local time, cost = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
    local left, room = row.limit - current, 0
    if time >= start then
      local weighted = previous * weight
      if left > 0 and weighted < left * units then
        room = left - ceil(weighted / units)
      end
      cost = cost < room and cost or room
      current, charged = current + cost, charged + cost
    elseif time >= start - window then
      if left > 0 then
        room = floor(left * units / weight)
        room = (room < row.limit and room or row.limit) - previous
        room = room > 0 and room or 0
      end
      cost = cost < room and cost or room
      previous, charged = previous + cost, charged + cost
    else
      gone = gone + cost
    end
  end
  if charged > 0 then
    local state = pack('<Bdddd', VERSION, at, window, previous, current)
    row.commit(key, state, sliding_counter_end(at, window, previous, current))
  end
  return ADMITTED, charged, gone
end
