-- Holds counters to what was learned of their upstreams; in `decide` only where one learns. A cost beyond what the
-- upstream ever admits passes when its window is whole, so that it is the upstream that refuses it.
learned_keys, staged_learned = {}, {}

-- A capital letter is that of a counter that learns.
function read_learning(header, letters)
  local learning, learns = {}, 0
  for slot = 1, header.count do
    if byte(letters, slot) ~= byte(header.roles, slot) then
      learns = learns + 1
      learning[slot] = learns
    end
  end
  header.learning, header.keys = learning, header.keys + learns
end

function hold_to(slot, cost, status, remaining, reset, wait)
  local learned, code, detail = learned_at(learned_keys[slot])
  if not learned then
    return code, detail
  end
  local is_blocked, has_window = learned.blocked > now, learned.window > 0
  local needs = math.min(cost > 0 and cost or 0, learned.limit)
  local lacks = has_window and needs > learned.remaining
  if is_blocked or lacks then
    local free = is_blocked and learned.blocked or now
    if lacks and learned.stop > free then
      free = learned.stop
    end
    if status == ADMITTED then
      status, wait = DENIED, 0
    end
    wait = math.max(wait, free - now)
  elseif status == ADMITTED and has_window and needs > 0 then
    learned.remaining = learned.remaining - needs
    staged_learned[slot] =
      { state = learned_state(learned), forgotten = learned.forgotten, window = learned.stop, cost = needs }
  end
  if is_blocked then
    remaining, reset = 0, math.max(reset, learned.blocked - now)
  end
  if has_window then
    remaining = math.min(remaining, learned.remaining)
    if learned.remaining < learned.limit then
      reset = math.max(reset, learned.stop - now)
    end
  end
  return status, remaining, reset, wait
end
