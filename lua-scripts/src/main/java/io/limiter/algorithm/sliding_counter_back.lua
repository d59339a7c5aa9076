-- Giving back to a sliding counter.
function sliding_counter_refund(key, cost, charged_at, charged_window)
  local stored = pcall('GET', key)
  if not is_state(stored, 33) then
    return false
  end
  local last, window, previous, current = unpack_state('<dddd', stored, 2)
  if now >= sliding_counter_end(last, window, previous, current) or window ~= charged_window then
    return false
  end
  local start = last - last % window
  local age = start - (charged_at - charged_at % window)
  if age == 0 and current > 0 then
    current = current > cost and current - cost or 0
  elseif age == window and previous > 0 and now < start + window then
    previous = previous > cost and previous - cost or 0
  else
    return false
  end
  local stop = sliding_counter_end(last, window, previous, current)
  if (current == 0 and previous == 0) or now >= stop then
    call('DEL', key)
  else
    call('SET', key, pack('<Bdddd', VERSION, last, window, previous, current), 'PX', ttl_until(stop))
  end
  return true
end

-- From the current count, then from the one before, as far as the rule's window counts them.
function sliding_counter_credit(key, row, cost)
  local last, window, previous, current = unpack_state('<dddd', call('GET', key), 2)
  local at = now > last and now or last
  local is_current = at - at % row.window == last - last % row.window
  local given = current < cost and current or cost
  current, cost = current - given, cost - given
  if is_current then
    previous = previous > cost and previous - cost or 0
  end
  local stop = sliding_counter_end(last, window, previous, current)
  if (current == 0 and (previous == 0 or not is_current)) or now >= stop then
    call('DEL', key)
  else
    call('SET', key, pack('<Bdddd', VERSION, last, window, previous, current), 'PX', ttl_until(stop))
  end
end
