-- Charging a concurrency limit beyond itself, the twin of ConcurrencyLimit.overcharge.
function overcharge.h(key, row, cost)
  return overcharge_under(unlimited(row), key, row, cost)
end

owed.h = count_owed

-- Lets what is in use be so for longer, since what holds it was renewed.
function keep_until.h(key, stop)
  local stored = pcall('GET', key)
  if not is_state(stored, 25) then
    return
  end
  local last, stored_end, used = unpack_state('<ddd', stored, 2)
  if now < stored_end and stored_end < stop then
    commit_string(key, pack('<Bddd', VERSION, last, stop, used), stop)
  end
end
