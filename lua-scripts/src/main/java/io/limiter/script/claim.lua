-- claim: takes the idempotency records of questions that an instance admitted by itself while Redis was away,
-- where nobody has. Whoever asks such a question again is told that it was answered, and charges nothing; so
-- the instance may charge it. It must be a script, since a record is read and written.
--
-- KEYS  the records.
-- ARGV  for each the fingerprint of its question and the claim's name, which no other claim has.
-- Reply for each a code with what follows from it:
--         0 the question was answered, or another claim has it
--         1 this claim has it, now or from before
--         5 something else is stored there: its key
--         6 Redis refused to read it: the error
local reply = {}
for i = 1, #KEYS do
  local fingerprint, name = ARGV[2 * i - 1], ARGV[2 * i]
  local stored = pcall('GET', KEYS[i])
  local record = stored and read_answer(stored)
  if not stored then
    -- No question has the name for a shape, so nobody takes what follows for an answer about its counters.
    write_answer(KEYS[i], { fingerprint, name, '', now, 0 })
    reply[#reply + 1] = ADMITTED
  elseif record then
    reply[#reply + 1] = record[2] == name and ADMITTED or DENIED
  else
    reply[#reply + 1], reply[#reply + 2] = unreadable(KEYS[i], stored)
  end
end
return reply
