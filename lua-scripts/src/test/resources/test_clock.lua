-- The clock under test: the last argument is the time.
local now = tonumber(table.remove(ARGV))
