-- Settling a fixed window, the twin of FixedWindow.settle: what was admitted in the window that now falls
-- in is charged there, as far as there is room. What was admitted in an earlier one counts no more.
local function fixed_window_settle(key, row, first, last)
  local status, room = row.check(key, row, 0)
  if status > NEVER then
    return status, room
  end
  local at, stored, start = now, call('GET', key)
  if stored then
    local charged_at = unpack_state('<d', stored, 2)
    if charged_at > at then
      at = charged_at
    end
  end
  if row.window then
    start = at - at % row.window
  else
    local edges = row.edges
    start = at < edges[2] and edges[1] or at < edges[3] and edges[2] or edges[3]
  end
  local charged, gone = 0, 0
  for i = first, last, 2 do
    local cost = tonumber(ARGV[i + 1])
    if tonumber(ARGV[i]) < start then
      gone = gone + cost
    else
      charged = charged + (cost < room - charged and cost or room - charged)
    end
  end
  if charged > 0 then
    local _, _, _, _, _, state, stop = row.check(key, row, charged)
    row.commit(key, state, stop)
  end
  return ADMITTED, charged, gone
end

settle.f, settle.F = fixed_window_settle, fixed_window_settle
