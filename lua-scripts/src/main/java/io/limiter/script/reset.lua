-- reset: forgets counters, as if they had never been charged. A script, so that all go at one moment, and
-- all instances are told of it.
--
-- KEYS  the counters, and what is kept beside them, whose keys end in a circumflex and a word.
-- Reply how many counters there were.
local count = 0
for i = 1, #KEYS do
  local deleted = redis.call('UNLINK', KEYS[i])
  if not string.find(KEYS[i], '%^%l+$') then
    count = count + deleted
  end
end
tell_credits(KEYS)
return count
