-- Charging a sliding counter beyond its limit, the twin of SlidingCounter.overcharge: to the current count.

-- The counter's time and what it counts at that; nil and what the row's check returns where that is not known.
local function sliding_counter_counted(key, row)
  local stored = pcall('GET', key)
  if not stored then
    return now, 0, 0
  end
  if #stored ~= 33 or byte(stored) ~= VERSION then
    return nil, unreadable(key, stored)
  end
  local last, window, previous, current = unpack_state('<dddd', stored, 2)
  local at = last > now and last or now
  if at < sliding_counter_end(last, window, previous, current) then
    local age = at - at % row.window - (last - last % row.window)
    if age == 0 then
      return at, previous, current
    elseif age == row.window then
      return at, current, 0
    end
  end
  return at, 0, 0
end

function overcharge.c(key, row, cost)
  local at, previous, current = sliding_counter_counted(key, row)
  if not at then
    return previous, current
  end
  current = current < MAX_PRODUCT - cost and current + cost or MAX_PRODUCT
  local state = pack('<Bdddd', VERSION, at, row.window, previous, current)
  row.commit(key, state, at - at % row.window + 2 * row.window)
  return overcharged(key, row, at, row.window)
end

-- Beyond 2^53 the product is rounded, as it is in the twin.
function owed.c(key, row)
  local at, previous, current = sliding_counter_counted(key, row)
  if not at then
    return previous, current
  end
  local units = row.units
  local weighted = previous * (units - floor(at % row.window / row.unit))
  if weighted <= (row.limit - current) * units then
    return ADMITTED, 0
  end
  local above = current + ceil(weighted / units) - row.limit
  return ADMITTED, above > 1 and above or 1
end
