-- The only clock: Redis TIME, read once, in microseconds since the epoch.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
