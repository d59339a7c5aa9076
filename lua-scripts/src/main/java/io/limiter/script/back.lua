-- What giving back shares.

-- Functions that give back a charge, by the letter of its row. refund(key, cost, charged_at, charged_window)
-- takes what check returned for the charge. It returns whether anything was given back; and then what is stored, which
-- check takes for what it would read, or nil where that is no string.
local refunds = {}

-- Whether what GET replied is a state of this version and of this many bytes. Its error, for a key of
-- another type, is a table of length 0.
local function is_state(stored, size)
  return stored and #stored == size and byte(stored) == VERSION
end
