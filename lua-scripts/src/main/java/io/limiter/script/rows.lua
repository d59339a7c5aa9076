-- Reads the rows of limits at the head of ARGV: their number, then each a letter and its numbers. `arg`
-- is the place after them. The letter and the order are those of LimitRow.java.
--
-- Each kind of row is written out whole: a table that grows field by field is made several times over.
local rows, arg = {}, 2
for i = 1, tonumber(ARGV[1]) do
  local letter, limit = ARGV[arg], tonumber(ARGV[arg + 1])
  local second, third = tonumber(ARGV[arg + 2]), tonumber(ARGV[arg + 3])
  if letter == 't' or letter == 'b' then
    rows[i] = {
      letter = letter,
      check = bucket_check,
      commit = commit_string,
      credit = bucket_credit,
      limit = limit,
      rate = second,
      period = third,
      capacity = limit * third,
      delays = letter == 'b',
    }
    arg = arg + 4
  elseif letter == 'f' or letter == 'F' then
    local span = letter == 'f'
    rows[i] = {
      letter = letter,
      check = fixed_window_check,
      commit = commit_string,
      credit = fixed_window_credit,
      limit = limit,
      window = span and second or nil,
      edges = not span and { second, third, tonumber(ARGV[arg + 4]), tonumber(ARGV[arg + 5]) } or nil,
    }
    arg = arg + (span and 3 or 6)
  elseif letter == 'c' then
    rows[i] = {
      letter = letter,
      check = sliding_counter_check,
      commit = commit_string,
      credit = sliding_counter_credit,
      limit = limit,
      window = second,
      unit = third,
      units = tonumber(ARGV[arg + 4]),
    }
    arg = arg + 5
  else
    rows[i] = {
      letter = letter,
      check = sliding_log_check,
      commit = sliding_log_commit,
      credit = sliding_log_credit,
      limit = limit,
      window = second,
    }
    arg = arg + 3
  end
end
