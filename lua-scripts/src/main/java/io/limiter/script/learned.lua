-- What an upstream said of its own limit: a state beside a counter, under a key of its own. Stored: what it admits in a
-- window (0: not known), what remains, when the window ends, how long one is (0: not known), until when nothing
-- passes, and when all this is forgotten.
local LEARNED_BYTES = 49
local LEARNED_KEPT = 600000000 -- microseconds, or a window if that is longer

-- The state of now; or nil and what a row's check says where it cannot be read. After its window comes another of the
-- same length, in which as much is admitted again.
local function learned_at(key)
  local stored = pcall('GET', key)
  if not stored then
    return { limit = 0, remaining = 0, stop = 0, window = 0, blocked = 0, forgotten = 0 }
  end
  if #stored ~= LEARNED_BYTES or byte(stored) ~= VERSION then
    return nil, unreadable(key, stored)
  end
  local limit, remaining, stop, window, blocked, forgotten = unpack_state('<dddddd', stored, 2)
  if now >= forgotten then
    limit, window, blocked = 0, 0, 0
  end
  if now >= stop then
    remaining = limit
    if limit == 0 then
      window = 0
    elseif window > 0 then
      stop = stop + (floor((now - stop) / window) + 1) * window
    end
  end
  return {
    limit = limit,
    remaining = remaining,
    stop = stop,
    window = window,
    blocked = blocked,
    forgotten = forgotten,
  }
end

local function learned_state(learned)
  return pack(
    '<Bdddddd',
    VERSION,
    learned.limit,
    learned.remaining,
    learned.stop,
    learned.window,
    learned.blocked,
    learned.forgotten
  )
end
