-- Giving back to a token or leaky bucket.
function bucket_refund(key, cost)
  local stored = pcall('GET', key)
  if not is_state(stored, 33) then
    return false
  end
  local last, used, rate, period = unpack_state('<dddd', stored, 2)
  if now >= last + ceil(used / rate) then
    return false
  end
  used = used - cost * period
  local stop = last + ceil(used / rate)
  if used <= 0 or now >= stop then
    call('DEL', key)
  else
    call('SET', key, pack('<Bdddd', VERSION, last, used, rate, period), 'PX', ttl_until(stop))
  end
  return true
end

-- What is in use now is measured as bucket_check does; what is left keeps the rate it was charged
-- under, so that it comes free no later than it would have.
function bucket_credit(key, row, cost)
  local last, stored_used, rate, period = unpack_state('<dddd', call('GET', key), 2)
  local at = now > last and now or last
  local used = period == row.period and stored_used or bucket_convert(stored_used, period, row.period)
  if cost * row.period >= used - (at - last) * row.rate then
    call('DEL', key)
  else
    bucket_refund(key, cost)
  end
end
