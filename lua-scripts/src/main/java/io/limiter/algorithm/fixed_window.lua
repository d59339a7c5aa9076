-- Fixed window, the twin of FixedWindow.java: admits while count + cost <= limit in the window that
-- now falls in. Stored: last charge, end of its window, count.
--
-- A window is a length in microseconds, aligned to the epoch, or three windows of a calendar given by
-- their four edges; when the time lies outside of these, the question is sent back to be asked again.
--
-- With `anyway`, a cost that does not fit is counted too, up to 2^52.
function fixed_window_check(key, row, cost, anyway)
  local stored = pcall('GET', key)
  local at, last, stored_end, count = now, 0, 0, 0
  if stored then
    if #stored ~= 25 or byte(stored) ~= VERSION then
      return BROKEN, key
    end
    last, stored_end, count = unpack_state('<ddd', stored, 2)
    if last > at then
      at = last
    end
  end
  local start, stop
  if row.window then
    start = at - at % row.window
    stop = start + row.window
  else
    local edges = row.edges
    if at < edges[1] or at >= edges[4] then
      return NEEDS_WINDOW, at
    end
    local i = at < edges[2] and 1 or at < edges[3] and 2 or 3
    start, stop = edges[i], edges[i + 1]
  end
  local free = stop
  if at < stored_end and last >= start then
    if stored_end < free then
      free = stored_end
    end
  else
    count = 0
  end
  if count <= row.limit - cost then
    if cost == 0 then
      return ADMITTED, row.limit - count, count == 0 and 0 or free - now, 0
    end
    count = count + cost
    local state = pack('<Bddd', VERSION, at, stop, count)
    return ADMITTED, row.limit - count, stop - now, 0, 0, state, stop, at, stop
  end
  if anyway and cost > 0 then
    count = count < MAX_PRODUCT - cost and count + cost or MAX_PRODUCT
    local state = pack('<Bddd', VERSION, at, stop, count)
    local never = cost > row.limit
    return never and NEVER or DENIED, 0, stop - now, never and 0 or stop - now, 0, state, stop, at, stop
  end
  local remaining = count < row.limit and row.limit - count or 0
  local reset = count == 0 and 0 or free - now
  if cost > row.limit then
    return NEVER, remaining, reset, 0
  end
  return DENIED, remaining, reset, reset
end
