-- Idempotency records: the fingerprint of the question, the shape of its counters, the receipt ('' for none),
-- the time, the number of numbers that follow, and these: what each counter was told.
local ANSWER_TTL = 60000 -- milliseconds

-- The record that write_answer wrote, or nil for what GET replied when something else is stored.
local function read_answer(stored)
  local fine, record = _G.pcall(cmsgpack.unpack, stored)
  if fine and type(record) == 'table' and type(record[5]) == 'number' and #record == 5 + record[5] then
    return record
  end
end

local function write_answer(key, record)
  call('SET', key, cmsgpack.pack(record), 'PX', ttl_text(ANSWER_TTL))
end
