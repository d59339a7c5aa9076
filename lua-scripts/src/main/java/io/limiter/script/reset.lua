-- reset: forgets counters, as if they had never been charged. A script, so that all go at one moment, and
-- all instances are told of it.
--
-- KEYS  the counters.
-- Reply how many there were.
local count = 0
for i = 1, #KEYS do
  count = count + redis.call('UNLINK', KEYS[i])
end
tell_credits(KEYS)
return count
