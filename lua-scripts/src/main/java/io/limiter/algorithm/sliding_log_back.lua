-- Giving back to a sliding log.
function sliding_log_refund(key, cost, charged_at)
  local window, base_total, first, last, total = log_open(key)
  if not window then
    return false
  end
  local at = now > last and now or last
  if at >= last + window or charged_at <= at - window or charged_at < first or charged_at > last then
    return false
  end
  local index, time, after = log_search(key, 1, false, charged_at)
  if time ~= charged_at then
    return false
  end
  local before = base_total
  if index > 1 then
    local _, sum = log_read(log_at(key, index - 1))
    before = sum
  end
  local charged = after - before
  local given = charged < cost and charged or cost
  local entries = call('LRANGE', key, index, -1)
  if given == charged then
    table.remove(entries, 1)
  end
  call('LTRIM', key, 0, index - 1)
  log_append(key, entries, given)
  if #entries == 0 then
    if index == 1 then
      call('DEL', key)
      return true
    end
    last = log_read(call('LINDEX', key, -1))
  end
  if at >= last + window then
    call('DEL', key)
  else
    log_expire(key, last + window)
  end
  return true
end

-- From the newest entries backwards: the log is cut where its running total is what is to be left.
function sliding_log_credit(key, row, cost)
  local window, base_total, first, last, total = log_open(key)
  local at = now > last and now or last
  local expired, expired_total = log_expired(key, at - row.window, base_total, first, last, total)
  local left = total - cost
  if left <= expired_total then
    call('DEL', key)
    return
  end
  local index, time = log_search(key, expired + 1, true, left)
  if at >= time + window then
    call('DEL', key)
    return
  end
  call('LTRIM', key, 0, index)
  call('LSET', key, -1, log_entry(time, left))
  log_expire(key, time + window)
end
