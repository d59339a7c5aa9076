-- What every script below shares: names, how states are stored, and the contract of an algorithm.
--
-- Numbers are integers up to 2^53, which a double holds exactly. A state is a string of one version
-- byte and little-endian doubles; a log is a list. A state of another version, size or type is
-- reported as BROKEN for its question alone, never overwritten and never an error of the script. What
-- Redis refuses to read is REFUSED.
-- Rolling upgrades: a new form gets a new version byte, and ships first in a release that reads both.
--
-- A call makes every local and every function anew, which is why scripts are put together of what they
-- need alone. A name in capitals stands for its number: it is put in its place before Redis sees it.
local VERSION = 1
local FOREVER = 9007199254740992 -- 2^53, after every time
local MAX_PRODUCT = 4503599627370496 -- 2^52, no product of a limit's arithmetic passes it

-- What a row's check says first. The first three are a status; the others end the question.
local DENIED = 0
local ADMITTED = 1
local NEVER = 2
local NEEDS_WINDOW = 4
local BROKEN = 5
local REFUSED = 6
local EXPIRED = 7 -- said of a question whose time is over; no row says it
local ELSEWHERE = 8 -- said in place of REFUSED where no key is declared; no row says it

local KEYS, ARGV = KEYS, ARGV
local call, pcall = redis.call, redis.pcall
local pack, unpack_state = struct.pack, struct.unpack
local floor, ceil, byte = math.floor, math.ceil, string.byte

-- Readers of rows, by the letter that a row begins with. A reader takes the place in ARGV after the letter,
-- and the letter. It returns the row and the place after it. rows.lua says what a row is. Each algorithm
-- adds its own, so a script holds those that it needs and no others.
local read_row = {}

-- What a row's check says where it can read no state. `stored` is what pcall replied. An error is that of
-- another type, or Redis would not do it, as for a user who may not: then nothing is known of the key.
local function unreadable(key, stored)
  local said = stored.err
  if said and not string.find(said, 'WRONGTYPE', 1, true) then
    return REFUSED, said
  end
  return BROKEN, key
end

-- A TTL in milliseconds: until the state equals an absent one, rounded up.
local function ttl_until(stop)
  return ceil((stop - now) / 1000)
end

-- Redis writes a number that a script hands it with 17 digits, which takes longer than reading a state.
-- Many counters of a batch live equally long, so the last text is kept.
local last_ttl, last_ttl_text

local function ttl_text(ttl)
  if ttl ~= last_ttl then
    last_ttl, last_ttl_text = ttl, string.format('%d', ttl)
  end
  return last_ttl_text
end

local function commit_string(key, state, stop)
  call('SET', key, state, 'PX', ttl_text(ttl_until(stop)))
end
