-- Charging a concurrency limit beyond itself, the twin of ConcurrencyLimit.overcharge.
function overcharge.h(key, row, cost)
  return overcharge_under(unlimited(row), key, row, cost)
end

owed.h = count_owed
