-- Fixed window, the twin of FixedWindow.java: admits while count + cost <= limit in the window that
-- now falls in. Stored: last charge, end of its window, count.
--
-- A window is a length in microseconds, aligned to the epoch, or three windows of a calendar given by
-- their four edges; when the time lies outside of these, the question is sent back to be asked again.
--
-- With `anyway`, a cost that does not fit is counted too, up to 2^52.
local function fixed_window_check(slot, key, row, cost, anyway)
  local stored = pcall('GET', key)
  local at, last, stored_end, count = now, 0, 0, 0
  if stored then
    if not is_state(stored, 25) then
      return broken(key)
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
    stage(slot, pack('<Bddd', VERSION, at, stop, count), stop, at, stop)
    return ADMITTED, row.limit - count, stop - now, 0
  end
  if anyway and cost > 0 then
    count = count < MAX_PRODUCT - cost and count + cost or MAX_PRODUCT
    stage(slot, pack('<Bddd', VERSION, at, stop, count), stop, at, stop)
    return cost > row.limit and NEVER or DENIED, 0, stop - now, cost > row.limit and 0 or stop - now
  end
  local remaining = count < row.limit and row.limit - count or 0
  local reset = count == 0 and 0 or free - now
  if cost > row.limit then
    return NEVER, remaining, reset, 0
  end
  return DENIED, remaining, reset, reset
end

-- charged_window is the end of the window charged: nothing goes back to another.
local function fixed_window_refund(key, cost, _, window)
  local stored = pcall('GET', key)
  if not is_state(stored, 25) then
    return false
  end
  local last, stop, count = unpack_state('<ddd', stored, 2)
  if now >= stop or stop ~= window then
    return false
  end
  if count <= cost then
    call('DEL', key)
  else
    call('SET', key, pack('<Bddd', VERSION, last, stop, count - cost), 'PX', ttl_until(stop))
  end
  return true
end

-- What is in use is all that is stored.
local function fixed_window_credit(key, _, cost)
  local _, stop = unpack_state('<dd', call('GET', key), 2)
  fixed_window_refund(key, cost, nil, stop)
end

return {
  check = fixed_window_check,
  commit = commit_string,
  refund = fixed_window_refund,
  credit = fixed_window_credit,
}
