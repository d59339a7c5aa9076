-- Answers idempotent questions again; in `decide` only where one has a header, and made when one is idempotent.
local REPLAYED = 2
local CONFLICT = 3

-- Puts the first answer under the idempotency key of the question at `key` and `arg` out again, if there is one.
function replay()
  local record_key, fingerprint, shape = KEYS[key], ARGV[arg], ARGV[arg + 1]
  local stored = pcall('GET', record_key)
  if not stored then
    return false
  end
  local record = read_answer(stored)
  if not record then
    out[size + 1], out[size + 2] = unreadable(record_key, stored)
    size = size + 2
    return true
  end
  if record[1] ~= fingerprint then
    out[size + 1] = CONFLICT
    size = size + 1
    return true
  end
  local count = record[2] == shape and record[5] or 0
  out[size + 1], out[size + 2], out[size + 3], out[size + 4] = REPLAYED, record[4], record[3], count
  for i = 1, count do
    out[size + 4 + i] = record[5 + i]
  end
  size = size + 4 + count
  return true
end

function keep_answer(idempotency_key, fingerprint, shape, receipt, from, count)
  local record = { fingerprint, shape, receipt, now, count }
  for i = 1, count do
    record[5 + i] = out[from + i]
  end
  write_answer(idempotency_key, record)
end
