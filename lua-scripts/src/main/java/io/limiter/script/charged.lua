-- charged: the counters that a receipt's record names, then the records of tenants among these that are shared. Reads
-- and no more; `refund` must declare them.
--
-- KEYS  the receipt's record.
-- Reply the counters' keys; none when there is no such record.
local stored = redis.call('GET', KEYS[1])
local keys, shares = {}, {}
for i, charge in ipairs(stored and cmsgpack.unpack(stored) or {}) do
  keys[i] = charge[1]
  if charge[2] == 'S' then
    shares[#shares + 1] = charge[1] .. '^share:' .. charge[5][3]
  end
end
for _, key in ipairs(shares) do
  keys[#keys + 1] = key
end
return keys
