-- What settling shares.

-- Functions that settle a counter, by the letter of its row. settle(key, row, first, last) reads from ARGV
-- what is owed: from place `first` to `last` a time and a cost in turn, the earliest time first. It charges
-- what still counts as of its time, as far as there is room. It returns
--   ADMITTED, how much was charged, and how much counts no more
-- or what a row's check says where it cannot be looked at.
local settle = {}
