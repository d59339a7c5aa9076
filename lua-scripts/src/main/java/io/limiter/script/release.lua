-- release: gives back what was charged ahead of need and not used. A script, since a counter is read and
-- written.
--
-- KEYS  counters.
-- ARGV  for each the letter of its algorithm, how much to give back, the end of the fixed window that it
--       was charged to (0 of a bucket), and the latest time at which it may be given back. What a bucket
--       holds comes free by itself as time goes on, and must not be given back as well.
-- Reply to how many something was given back.
local credited = {}
for i = 1, #KEYS do
  local at = 4 * i - 3
  if now <= tonumber(ARGV[at + 3]) then
    if refunds[ARGV[at]](KEYS[i], tonumber(ARGV[at + 1]), nil, tonumber(ARGV[at + 2])) then
      credited[#credited + 1] = KEYS[i]
    end
  end
end
tell_credits(credited)
return #credited
