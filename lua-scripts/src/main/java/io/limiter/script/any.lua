-- Answers alternatives; in `decide` only where some are asked.

-- Of questions behind each other answers the first that was answered before; else one after the other, until one is
-- not denied. A candidate of a denied one is charged, so those behind it are looked at before.
function answer_any(count)
  local first_key, first_arg = key, arg
  local questions, keys, charges = {}, 0, false
  for i = 1, count do
    local text = ARGV[arg]
    local header = headers[text] or header_of(text)
    questions[i] = header
    arg = arg + 1 + header.arguments
    keys = keys + header.keys
  end
  local last_arg = arg
  books = nil
  local from = size + 1
  out[from], size = 1, from
  if expired or (undeclared and is_elsewhere(keys)) then
    size = size + 1
    out[size] = expired and EXPIRED or ELSEWHERE
    key, arg = first_key + keys, last_arg
    return
  end
  local ended
  arg = first_arg
  for i = 1, count do
    local header = questions[i]
    arg = arg + 1
    if header.idempotent and replay() then
      out[from], ended = i, true
      break
    end
    if charges then
      local code, detail =
        unaskable(key + header.records, arg + header.arguments - header.count, header.count)
      if code then
        out[from + 1], out[from + 2], size, ended = code, detail, from + 2, true
        break
      end
    end
    charges = charges or header.candidate
    key, arg = key + header.keys, arg + header.arguments
  end
  if not ended then
    key, arg = first_key, first_arg
    for i = 1, count do
      arg = arg + 1
      if answer_anew(questions[i]) ~= DENIED then
        break
      end
      key, arg = key + questions[i].keys, arg + questions[i].arguments
    end
  end
  -- What looks have left behind the reply.
  local i = size + 1
  while out[i] ~= nil do
    out[i], i = nil, i + 1
  end
  key, arg = first_key + keys, last_arg
end
