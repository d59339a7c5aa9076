-- What giving back shares.

-- Whether what GET replied is a state of this version and of this many bytes. Its error, for a key of
-- another type, is a table of length 0.
local function is_state(stored, size)
  return stored and #stored == size and byte(stored) == VERSION
end
