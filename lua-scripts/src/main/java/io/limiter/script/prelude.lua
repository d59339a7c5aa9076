-- What every script below shares: names, the staging of writes, and how states are stored.
--
-- Numbers are integers up to 2^53, which a double holds exactly. A state is a string of one version
-- byte and little-endian doubles; a log is a list. A state of another version, size or type is
-- reported as BROKEN for its question alone, never overwritten and never an error of the script.
-- Rolling upgrades: a new form gets a new version byte, and ships first in a release that reads both.
local KEYS, ARGV = KEYS, ARGV
local call, pcall, try = redis.call, redis.pcall, pcall
local pack, unpack_state = struct.pack, struct.unpack
local floor, ceil, byte = math.floor, math.ceil, string.byte

local VERSION = 1
local FOREVER = 9007199254740992 -- 2^53, after every time
local MAX_PRODUCT = 4503599627370496 -- 2^52, no product of a limit's arithmetic passes it

-- What a check says. The first three are a status; the others end the question.
local DENIED, ADMITTED, NEVER, NEEDS_WINDOW, BROKEN = 0, 1, 2, 4, 5

-- What is to be written if the question is admitted, by the slot of the counter in its question:
-- nothing while staged[slot] is false. charged_at and charged_window go into a receipt.
local staged, staged_ttl, charged_at, charged_window = {}, {}, {}, {}

local function broken(key)
  return BROKEN, key
end

-- A TTL in milliseconds: until the state equals an absent one, rounded up.
local function ttl_until(stop)
  return ceil((stop - now) / 1000)
end

local function stage(slot, value, stop, at, window)
  staged[slot] = value
  staged_ttl[slot] = ttl_until(stop)
  charged_at[slot] = at
  charged_window[slot] = window
end

-- Redis writes a number that a script hands it with 17 digits, which takes longer than reading a state.
-- Many counters of a batch live equally long: from the second time on a TTL is handed over as text.
local ttl_texts = {}

local function ttl_text(ttl)
  local text = ttl_texts[ttl]
  if text then
    return text
  end
  if text == nil then
    ttl_texts[ttl] = false
    return ttl
  end
  text = string.format('%.0f', ttl)
  ttl_texts[ttl] = text
  return text
end

local function commit_string(slot, key)
  call('SET', key, staged[slot], 'PX', ttl_text(staged_ttl[slot]))
end

-- Whether what GET replied is a state of this version and of this many bytes. Its error, for a key of
-- another type, is a table of length 0.
local function is_state(stored, size)
  return stored and #stored == size and byte(stored) == VERSION
end
