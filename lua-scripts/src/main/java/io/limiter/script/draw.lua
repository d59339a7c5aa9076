-- draw: charges a counter ahead of need, with as much of what is asked for as remains: what a charge of
-- min(most, remaining) does. It must be a script, since between looking and charging nobody else may charge.
--
-- KEYS  the counter.
-- ARGV  the most to charge, 1 or more; the counter's limit, a row as `decide` takes it: f, F or t.
-- Reply the time, and a code with what follows from it:
--         1 what was charged, 0 if nothing remained; what remains; microseconds to reset; of a fixed
--           window its end, if anything was charged, otherwise 0
--         4 no window of the calendar covers a time: that time
--         5 something else is stored where the counter should be: its key
local most, letter = tonumber(ARGV[1]), ARGV[2]
local second, third = tonumber(ARGV[4]), tonumber(ARGV[5])
local row = { limit = tonumber(ARGV[3]), delays = false }
if letter == 't' then
  row.rate, row.period, row.capacity = second, third, row.limit * third
elseif letter == 'F' then
  row.edges = { second, third, tonumber(ARGV[6]), tonumber(ARGV[7]) }
else
  row.window = second
end

local algorithm, key = algorithms[letter](), KEYS[1]
local status, remaining, reset = algorithm.check(1, key, row, 0)
if status > NEVER then
  return { now, status, remaining }
end
local granted = most < remaining and most or remaining
if granted == 0 then
  return { now, ADMITTED, 0, remaining, reset, 0 }
end
status, remaining, reset = algorithm.check(1, key, row, granted)
algorithm.commit(1, key)
return { now, ADMITTED, granted, remaining, reset, charged_window[1] }
