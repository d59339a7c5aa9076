-- overcharge: charges a counter beyond its limit, and tells what it owes.
--
-- KEYS  the counter.
-- ARGV  1; its limit, a row as `decide` takes it; the cost, 0 to charge nothing.
-- Reply what overcharging returns, if there is a cost, and what owed does.
local row, key, cost = rows[1], KEYS[1], tonumber(ARGV[arg])
local reply = cost > 0 and { overcharge[row.letter](key, row, cost) } or {}
for _, value in ipairs({ owed[row.letter](key, row) }) do
  reply[#reply + 1] = value
end
return reply
