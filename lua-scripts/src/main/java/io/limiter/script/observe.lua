-- observe: takes in what an upstream said of its own limit. A script, since a state is read and written, and the time
-- is that of Redis.
--
-- KEYS  where it is learned, for each counter.
-- ARGV  what remains of the upstream's window, microseconds until this ends, microseconds for which nothing passes, and
--       what the upstream admits in a window; each '' if it was not said. What remains is said with the window's end.
-- Reply in how many of them it is held to now. What something else is stored in is left alone.
local remaining, reset = tonumber(ARGV[1]), tonumber(ARGV[2])
local blocked, limit = tonumber(ARGV[3]), tonumber(ARGV[4])
local held = 0

-- Answers come in any order, and know of nothing that came to the upstream after them. So of one window the least that
-- was ever said remains, and its end is the earliest that was said.
--
-- An end by more than half a window sooner is that of the window before, and says nothing any more. One by more than
-- half a window later is that of the next, if the present one is nearly over. Before that, the present one is longer
-- than was known: it was first heard of in its midst.
local function take_in(learned)
  local stop = now + reset
  local ahead, half = stop - learned.stop, learned.window / 2
  if learned.window == 0 or (ahead > half and learned.stop - now <= half) then
    learned.remaining, learned.stop = remaining, stop
  elseif ahead >= -half then
    learned.remaining = math.min(learned.remaining, remaining)
    learned.stop = ahead > half and stop or math.min(learned.stop, stop)
  end
  learned.window = math.max(learned.window, reset)
end

for i = 1, #KEYS do
  local learned = learned_at(KEYS[i])
  if learned then
    learned.limit = limit or math.max(learned.limit, remaining or 0)
    if remaining and reset > 0 then
      take_in(learned)
    end
    learned.blocked = math.max(learned.blocked, now + (blocked or 0))
    learned.forgotten = math.max(learned.stop, learned.blocked, now) + math.max(learned.window, LEARNED_KEPT)
    commit_string(KEYS[i], learned_state(learned), learned.forgotten)
    held = held + 1
  end
end
return held
