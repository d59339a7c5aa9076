-- draw: charges a counter ahead of need, with as much of what is asked for as remains: what a charge of
-- min(most, remaining) does. It must be a script, since between looking and charging nobody else may charge.
--
-- KEYS  the counter.
-- ARGV  1; the counter's limit, a row as `decide` takes it: f, F or t; the most to charge, 1 or more.
-- Reply the time, and a code with what follows from it:
--         1 what was charged, 0 if nothing remained; what remains; microseconds to reset; of a fixed
--           window its end, if anything was charged, otherwise 0
--         4 no window of the calendar covers a time: that time
--         5 something else is stored where the counter should be: its key
--         6 Redis refused to read it: the error
local row, key, most = rows[1], KEYS[1], tonumber(ARGV[arg])
local status, remaining, reset = row.check(key, row, 0)
if status > NEVER then
  return { now, status, remaining }
end
local granted = most < remaining and most or remaining
if granted == 0 then
  return { now, ADMITTED, 0, remaining, reset, 0 }
end
local _, left, full, _, _, state, stop, _, window = row.check(key, row, granted)
row.commit(key, state, stop)
return { now, ADMITTED, granted, left, full, window }
