-- Fixed window, the twin of FixedWindow.java: admits while count + cost <= limit in the window that
-- now falls in. Stored: last charge, end of its window, count.
--
-- Row: f, limit, window: a length aligned to the epoch. Or F, limit, and four edges of three windows of a
-- calendar. When the time lies outside of these, check returns NEEDS_WINDOW, and the question is asked again.
--
-- With `anyway`, a cost that does not fit is counted too, up to 2^52.
local fixed_window_credit

local function fixed_window_check(key, row, cost, anyway, stored)
  if stored == nil then
    stored = pcall('GET', key)
  end
  local at, last, stored_end, count = now, 0, 0, 0
  if stored then
    if #stored ~= 25 or byte(stored) ~= VERSION then
      return unreadable(key, stored)
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

local function fixed_window_row(place, letter)
  local first, span = tonumber(ARGV[place + 1]), letter == 'f'
  local row = {
    letter = letter,
    check = fixed_window_check,
    commit = commit_string,
    credit = fixed_window_credit,
    limit = tonumber(ARGV[place]),
    window = span and first or nil,
    edges = not span and {
      first,
      tonumber(ARGV[place + 2]),
      tonumber(ARGV[place + 3]),
      tonumber(ARGV[place + 4]),
    } or nil,
  }
  return row, place + (span and 2 or 5)
end

read_row.f, read_row.F = fixed_window_row, fixed_window_row

-- == Giving back: only in scripts that do ==

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
    return true, false
  end
  local state = pack('<Bddd', VERSION, last, stop, count - cost)
  commit_string(key, state, stop)
  return true, state
end

-- What is in use is all that is stored.
function fixed_window_credit(key, _, cost)
  local _, stop = unpack_state('<dd', call('GET', key), 2)
  fixed_window_refund(key, cost, nil, stop)
end

refunds.f, refunds.F = fixed_window_refund, fixed_window_refund
