-- Charging a sliding log beyond its limit, the twin of SlidingLog.overcharge: by an entry at the present moment,
-- as every charge.
function overcharge.l(key, row, cost)
  return overcharge_under(unlimited(row), key, row, cost)
end

owed.l = count_owed
