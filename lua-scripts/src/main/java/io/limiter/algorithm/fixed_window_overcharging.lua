-- Charging a fixed window beyond its limit, the twin of FixedWindow.overcharge.
local function fixed_window_overcharge(key, row, cost)
  local status, detail, _, _, _, state, stop, at, window = row.check(key, row, cost, true)
  if status > NEVER then
    return status, detail
  end
  row.commit(key, state, stop)
  return overcharged(key, row, at, window)
end

overcharge.f, overcharge.F = fixed_window_overcharge, fixed_window_overcharge
owed.f, owed.F = count_owed, count_owed
