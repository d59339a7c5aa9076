-- charged: the counters that a receipt's record names. Reads and no more; `refund` must declare them.
--
-- KEYS  the receipt's record.
-- Reply the counters' keys; none when there is no such record.
local stored = redis.call('GET', KEYS[1])
local keys = {}
for i, charge in ipairs(stored and cmsgpack.unpack(stored) or {}) do
  keys[i] = charge[1]
end
return keys
