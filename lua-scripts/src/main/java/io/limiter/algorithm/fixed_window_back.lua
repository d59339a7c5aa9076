-- Giving back to a fixed window.

-- charged_window is the end of the window charged: nothing goes back to another.
function fixed_window_refund(key, cost, _, window)
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
function fixed_window_credit(key, _, cost)
  local _, stop = unpack_state('<dd', call('GET', key), 2)
  fixed_window_refund(key, cost, nil, stop)
end
