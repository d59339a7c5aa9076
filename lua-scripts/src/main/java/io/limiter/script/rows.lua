-- Reads the rows of limits at the head of ARGV: their number, then each a letter and its numbers. `arg`
-- is the place after them.
--
-- A row is a table that the algorithm's reader makes whole: one that grows field by field is made
-- several times over. Beside the algorithm's own numbers it has
--   letter     the letter that it was read by; a receipt keeps it
--   limit      the most that can be used at once
--   delays     whether an admission may say to wait
--   tells_use  whether check says what was in use, for charges that are dealt out
--   check      check(key, row, cost, anyway, stored) looks and writes nothing. cost is 0 or more; with `anyway`,
--              which only fixed windows take, a cost that does not fit is counted too. Who knows what is stored
--              from a refund may say it, so that it is not read again. It returns either
--                status     DENIED, ADMITTED or NEVER
--                remaining  the largest cost that would fit, after the charge if it is admitted
--                reset      microseconds until the counter is full again
--                wait       microseconds to retry if denied, of delay if admitted
--                used       if the row tells use: what was in use before, in 1/period of a token
--              and, only if there is something to charge,
--                state      what commit writes
--                stop       when that state equals an absent one
--                at         when it is charged, by the counter's time
--                window     what a receipt must know of the window charged; 0 for nothing
--              or NEEDS_WINDOW and a time that no window of the row covers,
--              or BROKEN and the key, if something else is stored there
--              or REFUSED and the error, if Redis refuses to read it
--   commit     commit(key, state, stop) writes what check returned
--   credit     credit(key, row, cost) gives back up to cost, 1 or more, of what was charged last; only for
--              a counter with a state of its own. nil in scripts that give nothing back
local rows, arg = {}, 2
for i = 1, tonumber(ARGV[1]) do
  local letter = ARGV[arg]
  rows[i], arg = read_row[letter](arg + 1, letter)
end
