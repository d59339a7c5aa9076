-- Settling a sliding log, the twin of SlidingLog.settle: each cost gets an entry at the time at which it was
-- admitted, as far as there is room now. So it leaves the window when it would have. All running totals
-- behind it change, so what many entries stand behind is not charged.
local LOG_MOST_BEHIND = 2000

-- The new entries and those that stand behind the first of them, as one list, in pieces that fit into a
-- call. `total` is the running total before all of them; `less` is taken off every total.
local function log_merge(key, entries, new, total, less)
  local times, totals, count, added, next = {}, {}, 0, 0, 1
  local function put(time, sum)
    if times[count] ~= time then
      count = count + 1
      times[count] = time
    end
    totals[count] = sum - less
  end
  local function put_new_until(time)
    while new[next] and new[next].time <= time do
      added = added + new[next].cost
      if new[next].time < time then
        put(new[next].time, total + added)
      end
      next = next + 1
    end
  end
  for i = 1, #entries do
    local time, sum = log_read(entries[i])
    put_new_until(time)
    total = sum
    put(time, total + added)
  end
  put_new_until(FOREVER)
  local piece = {}
  for i = 1, count do
    piece[#piece + 1] = log_entry(times[i], totals[i])
    if #piece == 1000 or i == count then
      call('RPUSH', key, unpack(piece))
      piece = {}
    end
  end
  return times[count]
end

function settle.l(key, row, first, last)
  local log, broken = log_open(key)
  if broken then
    return unreadable(key, broken)
  end
  local at, window = now, row.window
  if log and log.last > at then
    at = log.last
  end
  local live = log and at < log.last + log.window
  local expired, base_total, total, length = 0, 0, 0, 0
  if live then
    expired, base_total = log_expired(log, at - window)
    total, length = log.total, log_length(log)
  end
  local room = row.limit - (total - base_total)
  local new, from, charged, gone = {}, nil, 0, 0
  for i = first, last, 2 do
    local time, cost = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
    time = time < now and time or now
    if time <= at - window then
      gone = gone + cost
    elseif charged < room then
      local index, met = length + 1, nil
      if live and time <= log.last then
        index, met = log_search(log, expired + 1, false, time)
      end
      local behind = length - index + (met == time and 0 or 1)
      if behind <= LOG_MOST_BEHIND then
        cost = cost < room - charged and cost or room - charged
        charged = charged + cost
        from = from or index
        new[#new + 1] = { time = time, cost = cost }
      end
    end
  end
  if charged == 0 then
    return ADMITTED, 0, gone
  end
  if live and new[#new].time < log.last then
    window = log.window
  end
  local less = 0
  if total + charged > MAX_PRODUCT and base_total > 0 then
    less, from = base_total, expired + 1
  end
  local behind, before = {}, base_total
  if live then
    behind = call('LRANGE', key, from, -1)
    if from > expired + 1 then
      local _, sum = log_read(log_at(log, from - 1))
      before = sum
    end
    call('LTRIM', key, expired, from - 1)
  elseif log then
    call('LTRIM', key, 0, 0)
  end
  local base = pack(LOG_BASE, VERSION, window, base_total - less)
  if log then
    call('LSET', key, 0, base)
  else
    call('RPUSH', key, base)
  end
  log_expire(key, log_merge(key, behind, new, before, less) + window)
  return ADMITTED, charged, gone
end
