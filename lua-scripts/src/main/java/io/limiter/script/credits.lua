-- Tells all instances which counters were given something back to: a denial that they cached may be over.
-- The script itself does, since then nobody can be told too early, nor not at all because whoever asked for
-- it is gone. Each message names up to 100 keys, which have no spaces. In a Redis Cluster every node passes
-- it on. A user who may not publish is refused nothing else for it.
local function tell_credits(keys)
  for i = 1, #keys, 100 do
    redis.pcall('PUBLISH', 'limiter:credits', table.concat(keys, ' ', i, math.min(i + 99, #keys)))
  end
end
