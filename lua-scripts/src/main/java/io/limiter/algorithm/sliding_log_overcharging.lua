-- Charging a sliding log beyond its limit, the twin of SlidingLog.overcharge: by an entry at the present moment,
-- as every charge.
function overcharge.l(key, row, cost)
  return overcharge_under(unlimited(row), key, row, cost)
end

owed.l = count_owed

-- In one pass over what stands behind the earliest charge, since each one takes such a pass.
function give_back_all.l(key, marks, sums)
  local log = log_open(key)
  if not log then
    return
  end
  local window, first, last = log.window, log.first, log.last
  local at = now > last and now or last
  local next_mark = 1
  while marks[next_mark] and (marks[next_mark] <= at - window or marks[next_mark] < first) do
    next_mark = next_mark + 1
  end
  if at >= last + window or not marks[next_mark] or marks[next_mark] > last then
    return
  end
  local index = log_search(log, 1, false, marks[next_mark])
  local before = log.base_total
  if index > 1 then
    local _, sum = log_read(log_at(log, index - 1))
    before = sum
  end
  local entries, kept, less = call('LRANGE', key, index, -1), {}, 0
  for i = 1, #entries do
    local time, total = log_read(entries[i])
    local cost = total - before
    before = total
    while marks[next_mark] and marks[next_mark] < time do
      next_mark = next_mark + 1
    end
    if marks[next_mark] == time then
      local most = sums[time][1]
      local given = cost < most and cost or most
      cost, less = cost - given, less + given
    end
    if cost > 0 then
      kept[#kept + 1] = log_entry(time, total - less)
      last = time
    end
  end
  call('LTRIM', key, 0, index - 1)
  log_append(key, kept, 0)
  if #kept == 0 then
    if index == 1 then
      call('DEL', key)
      return
    end
    last = log_read(call('LINDEX', key, -1))
  end
  if at >= last + window then
    call('DEL', key)
  else
    log_expire(key, last + window)
  end
end
