-- refund: gives back what a receipt records, as far as it still counts, and deletes the receipt's record.
-- So a charge goes back at most once, and no counter falls below empty. It must be a script, since the
-- record and the counters change together.
--
-- KEYS  the receipt's record, then the counters that it names, in its order, as `charged` tells them. A
--       record never changes, so they are the same unless it is gone.
-- Reply 1 when something was given back, 0 otherwise.
local stored = call('GET', KEYS[1])
if not stored then
  return 0
end
local record = cmsgpack.unpack(stored)
for i, charge in ipairs(record) do
  if charge[1] ~= KEYS[i + 1] then
    return redis.error_reply('ERR the keys of a refund are those that its receipt names')
  end
end
call('DEL', KEYS[1])
local credited = {}
for _, charge in ipairs(record) do
  if refunds[charge[2]](charge[1], charge[3], charge[4], charge[5]) then
    credited[#credited + 1] = charge[1]
  end
end
tell_credits(credited)
return #credited > 0 and 1 or 0
