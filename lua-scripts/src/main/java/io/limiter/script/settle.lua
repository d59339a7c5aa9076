-- settle: charges counters with what instances admitted by themselves while Redis was away. A script, since
-- a counter is read and written.
--
-- KEYS  counters.
-- ARGV  for each a limit, rows as `decide` takes them; the time from which this may run, and the time after
--       which it is void; then for each counter how many costs it is owed, and of each its time and itself,
--       the earliest first.
-- Reply the time, and if it lies in between, for each counter a code with what follows from it:
--         1 how much was charged, and how much counts no more; the rest found no room
--         4 no window of the calendar covers a time: that time
--         5 something else is stored where the counter should be: its key
--         6 Redis refused to read or write it: the error. Nothing was charged to it
if now < tonumber(ARGV[arg]) or now > tonumber(ARGV[arg + 1]) then
  return { now }
end
arg = arg + 2
local reply = { now }
for i = 1, #KEYS do
  local row, last = rows[i], arg + 2 * tonumber(ARGV[arg])
  local ran, code, detail, gone = _G.pcall(settle[row.letter], KEYS[i], row, arg + 1, last)
  if not ran then
    code, detail, gone = REFUSED, type(code) == 'table' and code.err or code, nil
  end
  reply[#reply + 1] = code
  reply[#reply + 1] = detail
  reply[#reply + 1] = gone
  arg = last + 1
end
return reply
