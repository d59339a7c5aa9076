-- Answers questions with a header; in `decide` only where one is asked.
local BRIEF_TTL = 10000 -- milliseconds
local RECEIPT_DIGITS = 36 -- at the end of a receipt record's key
local ENFORCED = 101 -- e
local QUOTA = 113 -- q
local CANDIDATE = 99 -- c
local JOINED = 106 -- j
local ALTERNATIVES = 124 -- |
local ENDING = 33 -- !

-- What is to be written if the question is admitted, by the slot of the counter in its question: false
-- for nothing. The last two go into a receipt.
local staged, staged_stop, charged_at, charged_window = {}, {}, {}, {}

-- Whether a counter that something is to be given back to is as new, whatever its upstream said, by its slot.
local as_new = {}

-- What the forms add that need it, each nil elsewhere. Of questions whose counters learn: where they do, by slot, and
-- what is to be written there: state, forgotten, window and cost; reads a header's letters; takes and returns what a
-- counter says, held to what its upstream is said to admit.
local learned_keys, staged_learned, read_learning, hold_to

-- Of those whose counters have books of holds: the books by slot; reads a header's flags; opens the books of a
-- question; says when a counter that has no room will have; takes a hold of one that was charged; takes part of what
-- one holds away; tells what is held.
local books, read_holding, open_books, wait_for, hold_charge, end_some, tell_holds

-- Answers alternatives, and ends holds.
local answer_any, answer_ending

-- Says whether a question that is idempotent was answered before, and is now again; keeps its first answer.
local replay, keep_answer

-- Writes what was charged under the receipt's name, for as long as any of it could be given back. What was charged for a
-- hold goes back with that.
local function keep_receipt(receipt_key, first_key, first_arg, count, brief)
  local record, longest = {}, 0
  for slot = 1, count do
    if staged[slot] then
      local plan = plans[ARGV[first_arg + slot - 1]]
      local learned = staged_learned and staged_learned[slot]
      if learned then
        record[#record + 1] = { learned_keys[slot], 'u', learned.cost, now, learned.window }
      end
      record[#record + 1] =
        { KEYS[first_key + slot - 1], plan.row.letter, plan.cost, charged_at[slot], charged_window[slot] }
      local ttl = ttl_until(staged_stop[slot])
      if ttl > longest then
        longest = ttl
      end
    end
  end
  if longest == 0 then
    return false
  end
  if brief and longest > BRIEF_TTL then
    longest = BRIEF_TTL
  end
  call('SET', receipt_key, cmsgpack.pack(record), 'PX', ttl_text(longest))
  return true
end

-- Asks one counter for a cost and puts what it says into its place in the reply. A counter that
-- something is to be given back to is looked at, always admits, and lets nobody wait.
local function ask(slot, counter_key, row, cost, anyway)
  local status, remaining, reset, wait, _, state, stop, at, window =
    row.check(counter_key, row, cost > 0 and cost or 0, anyway)
  staged[slot] = state or false
  staged_stop[slot], charged_at[slot], charged_window[slot] = stop, at, window
  if cost < 0 and status <= NEVER then
    status, wait = ADMITTED, 0
    as_new[slot] = reset == 0
  end
  if learned_keys and learned_keys[slot] and status <= NEVER then
    staged_learned[slot] = nil
    local own = status
    status, remaining, reset, wait = hold_to(slot, cost, status, remaining, reset, wait)
    if status ~= ADMITTED then
      staged[slot] = false
    end
    if status == DENIED and own == ADMITTED and cost > 0 then
      -- It is not charged, so it says what it holds.
      local _
      _, remaining, reset = row.check(counter_key, row, 0)
      _, remaining, reset = hold_to(slot, 0, ADMITTED, remaining, reset, 0)
    end
  end
  if status == DENIED and books and books[slot] then
    wait = wait_for(slot, row, cost, wait)
  end
  local place = size + 4 * slot - 2
  out[place], out[place + 1], out[place + 2], out[place + 3] = status, remaining, reset, wait
  return status, remaining
end

-- Gives back to a counter that was just looked at. A counter that is as new has no time to its reset, and
-- nothing to give back. So an algorithm's credit always finds a state of its own. A counter that is empty
-- afterwards is not asked again: where time ran back, it would ask for other windows.
local function give_back(slot, counter_key, row, cost)
  if as_new[slot] then
    return
  end
  local place = size + 4 * slot - 2
  row.credit(counter_key, row, -cost)
  if books and books[slot] then
    end_some(slot, row, -cost)
  end
  credited = credited or {}
  credited[#credited + 1] = counter_key
  -- Where a slot moves, Redis does not say that a key is absent: it refuses.
  if pcall('EXISTS', counter_key) == 1 then
    ask(slot, counter_key, row, cost)
  else
    local remaining, reset = row.limit, 0
    if learned_keys and learned_keys[slot] then
      local _
      _, remaining, reset = hold_to(slot, 0, ADMITTED, remaining, reset, 0)
    end
    out[place + 1], out[place + 2] = remaining, reset
  end
end

-- Looks at all counters of a question that charges them one by one. A counter that cannot be asked ends the
-- question, and nothing may be charged by then. Returns the code that ends it, or nil.
local function unaskable(first_key, first_arg, count)
  for slot = 1, count do
    local status, detail = ask(slot, KEYS[first_key + slot - 1], plan_at(first_arg + slot - 1).row, 0)
    if status > NEVER then
      return status, detail
    end
  end
end

-- Asks all counters of a question, then charges them. Returns its code. In a question that is denied,
-- a counter that would have admitted says what it holds, since it is not charged.
local function settle(first_key, first_arg, header)
  local roles, count, counting = header.roles, header.count, header.counting
  if read_learning then
    for slot = 1, count do
      local place = header.learning[slot]
      learned_keys[slot] = place and KEYS[first_key + count + place - 1]
      staged_learned[slot] = nil
    end
  end
  if open_books then
    local code, detail = open_books(first_key, first_arg, header)
    if code then
      return code, detail
    end
  end
  if counting and count > 1 then
    local code, detail = unaskable(first_key, first_arg, count)
    if code then
      return code, detail
    end
  end
  -- What denies: how many, and which slot if it is one. The quotas deny together, as no slot: any of
  -- them that admitted would lift their denial.
  local denials, denier = 0, 0
  local quotas, quotas_left = 0, 0
  -- The last counter that is joined to none, its role, and whether all admit that are joined to it. Of those of
  -- which one denies and another admits, the first is torn.
  local head, head_role, together, torn = 0, 0, true, nil
  for slot = 1, count do
    local plan = plan_at(first_arg + slot - 1)
    local row, cost = plan.row, plan.cost
    local counter_key = KEYS[first_key + slot - 1]
    local status, detail = ask(slot, counter_key, row, cost, counting)
    if status > NEVER then
      return status, detail
    end
    if counting then
      if staged[slot] then
        row.commit(counter_key, staged[slot], staged_stop[slot])
      elseif cost < 0 then
        give_back(slot, counter_key, row, cost)
      end
    end
    local role = byte(roles, slot)
    local denies = status ~= ADMITTED
    if role == JOINED then
      if denies == together then
        torn = torn or {}
        torn[head] = true
      end
      denies, together = denies and together, together and not denies
      role = denies and head_role or JOINED
      if role == QUOTA then
        quotas_left = quotas_left - 1
      end
    else
      head, head_role, together = slot, role, not denies
      if role == QUOTA then
        quotas = quotas + 1
        quotas_left = quotas_left + (denies and 0 or 1)
      end
    end
    if denies and role == ENFORCED then
      denials, denier = denials + 1, head
    end
  end
  if quotas > 0 and quotas_left == 0 then
    denials, denier = denials + 1, 0
  end
  local code = denials == 0 and ADMITTED or DENIED
  if counting then
    return code
  end
  local live, candidate = -1, false
  for slot = 1, count do
    local role = byte(roles, slot)
    if role ~= JOINED then
      head, candidate = slot, role == CANDIDATE
      if not candidate then
        live = role == QUOTA and 0 or slot
      end
    end
    local plan = plans[ARGV[first_arg + slot - 1]]
    local row = plan.row
    if staged[slot] then
      local book = books and books[slot]
      local charges = code == ADMITTED or (candidate and denials == 1 and denier == live and not book)
      if charges and not (torn and torn[head]) then
        row.commit(KEYS[first_key + slot - 1], staged[slot], staged_stop[slot])
        local learned = staged_learned and staged_learned[slot]
        if learned then
          commit_string(learned_keys[slot], learned.state, learned.forgotten)
        end
        if book and hold_charge(slot, plan.cost) then
          staged[slot] = false -- no receipt gives it back
        end
      else
        ask(slot, KEYS[first_key + slot - 1], row, 0)
      end
    elseif code == ADMITTED and plan.cost < 0 then
      give_back(slot, KEYS[first_key + slot - 1], row, plan.cost)
    end
  end
  return code
end

local headers = {}

local function header_of(text)
  local letters, flags = string.match(text, '^(%a+):(%a*)$')
  local roles = read_learning and string.lower(letters) or letters
  local header = {
    roles = roles,
    count = #roles,
    counting = string.find(flags, 'd', 1, true) ~= nil,
    idempotent = string.find(flags, 'i', 1, true) ~= nil,
    receipt = string.find(flags, 'r', 1, true) ~= nil,
    brief = string.find(flags, 'b', 1, true) ~= nil,
    candidate = string.find(roles, 'c', 1, true) ~= nil,
  }
  header.records = (header.idempotent and 1 or 0) + (header.receipt and 1 or 0)
  header.keys = header.records + header.count
  header.arguments = header.count + (header.idempotent and 2 or 0)
  if read_learning then
    read_learning(header, letters)
  end
  if read_holding then
    read_holding(header, flags)
  end
  headers[text] = header
  return header
end

-- Whether Redis refuses the next keys, as it would if they were declared. They lie in one slot.
local function is_elsewhere(count)
  return type(pcall('EXISTS', unpack(KEYS, key, key + count - 1))) == 'table'
end

-- Answers a question whose time is not over, and which nobody answered before. Returns its code. Its keys begin
-- at `key` and its arguments at `arg`, which stay.
local function answer_anew(header)
  local count = header.count
  local first_key, first_arg = key, arg
  local fingerprint, shape, idempotency_key, receipt_key
  if header.idempotent then
    fingerprint, shape, idempotency_key = ARGV[arg], ARGV[arg + 1], KEYS[key]
    first_key, first_arg = key + 1, arg + 2
  end
  if header.receipt then
    receipt_key = KEYS[first_key]
    first_key = first_key + 1
  end
  if header.holding then
    first_arg = first_arg + 1
  end
  local code, detail = settle(first_key, first_arg, header)
  out[size + 1] = code
  if code > NEVER then
    out[size + 2] = detail
    for i = size + 3, size + 1 + 4 * count do
      out[i] = nil
    end
    size = size + 2
    return code
  end
  local from = size + 1
  size = from + 4 * count
  if header.holding then
    tell_holds(header)
  end
  local last, kept = size, false
  if receipt_key then
    kept = code == ADMITTED and keep_receipt(receipt_key, first_key, first_arg, count, header.brief)
    size = size + 1
    out[size] = kept and 1 or 0
  end
  if idempotency_key and code == ADMITTED then
    local receipt = kept and string.sub(receipt_key, -RECEIPT_DIGITS) or ''
    if header.holding then
      receipt = receipt .. ':' .. ARGV[first_arg - 1]
    end
    keep_answer(idempotency_key, fingerprint, shape, receipt, from, last - from)
  end
  return code
end

function answer_with_header(text)
  local mark = byte(text)
  if mark == ALTERNATIVES then
    return answer_any(tonumber(string.sub(text, 2)))
  elseif mark == ENDING then
    return answer_ending(text)
  end
  local header = headers[text] or header_of(text)
  if expired then
    size = size + 1
    out[size] = EXPIRED
  elseif undeclared and is_elsewhere(header.keys) then
    size = size + 1
    out[size] = ELSEWHERE
  elseif not (header.idempotent and replay()) then
    answer_anew(header)
  end
  key, arg = key + header.keys, arg + header.arguments
end
