-- decide: answers a batch of questions, each whole: it is admitted if all of its enforced counters admit
-- it and, if it has quotas, at least one of these does; only then are its counters charged. It must be a
-- script, since between looking and charging nobody else may charge; and one script for the batch, since
-- most of a call's price is the call.
--
-- KEYS  for each question: the idempotency record if it has one, the receipt record if it wants one,
--       then its counters; the counters of one question differ, but with flag d.
-- ARGV  the number of rows; the rows (limits), each a letter and its numbers, times in microseconds:
--         f limit window                 fixed window
--         F limit edge edge edge edge    fixed window of a calendar: three windows by their edges
--         l limit window                 sliding log
--         c limit window unit units      sliding counter: the unit of elapsed time, the window in it
--         t tokens rate period           token bucket: rate and period reduced by their gcd
--         b tokens rate period           leaky bucket, likewise
--       then for each question either `<row>:<cost>`, of one enforced counter that is charged 0 or more,
--       or `<row>:<cost>:<times>` for as many such questions, 2 or more, decided one after another;
--       or a header `<roles>:<flags>`. Roles are a letter for each counter:
--         e  enforced
--         q  quota
--         s  shadow: charged if the question is admitted and it admits
--         c  candidate: likewise, and also if the question is denied by nothing but what it stands in
--            for: the last counter before it that is no candidate, with the other quotas if it is one
--       Flags are
--         i  idempotent: fingerprint and shape follow
--         r  wants a receipt
--         d  every counter is charged at once, one after the other, whatever it or the others say, up to
--            2^52; a counter may occur again, and is charged again. Fixed windows only, without i and r
--       Then for each counter the index of its row and its cost. 0 looks. Less than 0 gives back what was
--       charged last, down to an empty counter, if the question is admitted or has flag d: it always
--       admits, with what remains then (in a denied question: with what remains) and without delay, and
--       is no part of a receipt.
-- Reply the time, then for each question a code and what follows from it. Codes 0 and 1 of a question
-- without header:
--         1 admitted: remaining, microseconds to reset, microseconds of delay. Asked several times and
--           admitted each time: remaining and reset of the last, delay of the first, and for a bucket
--           what was in use before the first (in 1/period of a token), else 0
--         0 denied: status (0 denied, 2 never), remaining, microseconds to reset, microseconds to retry.
--           Asked several times: those of the last, behind how many were admitted before it and, if
--           there are any, the four numbers above
--       Of the others, and codes 2 to 5 of all:
--         0 denied, 1 admitted: for each counter status (0 denied, 1 admitted, 2 never), remaining,
--           microseconds to reset, microseconds to retry (denied) or of delay (admitted);
--           with flag r, whether a receipt was written
--         2 answered before: the time and receipt ('' for none) of then, the number of numbers that
--           follow, and these: the statuses of then, none if its shape was another
--         3 answered before, to another question
--         4 no window of the calendar covers a time: that time
--         5 something else is stored where a counter or an idempotency record should be: its key
-- A denial writes nothing, but with flag d and in a candidate; a question with code 2 to 5 never does.
local made = {}

-- Reads the row whose letter is at `from`. Returns it and the place after it.
local function read_row(from)
  local letter = ARGV[from]
  local algorithm = made[letter] or algorithms[letter]()
  made[letter] = algorithm
  local row = {
    letter = letter,
    check = algorithm.check,
    commit = algorithm.commit,
    credit = algorithm.credit,
    delays = algorithm.delays,
    limit = tonumber(ARGV[from + 1]),
  }
  local second, third = tonumber(ARGV[from + 2]), tonumber(ARGV[from + 3])
  if letter == 't' or letter == 'b' then
    row.rate, row.period, row.capacity = second, third, row.limit * third
    return row, from + 4
  end
  if letter == 'F' then
    row.edges = { second, third, tonumber(ARGV[from + 4]), tonumber(ARGV[from + 5]) }
    return row, from + 6
  end
  row.window = second
  if letter == 'c' then
    row.unit, row.units = third, tonumber(ARGV[from + 4])
    return row, from + 5
  end
  return row, from + 3
end

local out, size = { now }, 1
local arg, key = 2, 1
local rows = {}

for i = 1, tonumber(ARGV[1]) do
  rows[string.format('%.0f', i)], arg = read_row(arg)
end

-- Tells how many of the questions before the last are admitted, charges them, and tells what the first
-- that is denied is told. `remaining` is the largest cost that fits now.
local function grant_some(plan, counter_key, remaining)
  local row, cost = plan.row, plan.cost
  local granted = cost > 0 and floor(remaining / cost) or 0
  out[size + 1], out[size + 2] = DENIED, granted
  size = size + 2
  if granted > 0 then
    local _, left, reset, delay, used = row.check(1, counter_key, row, granted * cost)
    row.commit(1, counter_key)
    out[size + 1], out[size + 2], out[size + 3], out[size + 4] = left, reset, delay, used or 0
    size = size + 4
  end
  local status, left, reset, retry = row.check(1, counter_key, row, cost)
  out[size + 1], out[size + 2], out[size + 3], out[size + 4] = status, left, reset, retry
  size = size + 4
end

-- Answers a question without header. As often as it is asked, one charge of the sum leaves the same
-- state as one charge after the other, at one time.
local function answer_plain(plan, counter_key)
  local row, times = plan.row, plan.times
  staged[1] = false
  local status, remaining, reset, wait, used = row.check(1, counter_key, row, plan.cost * times)
  if status == ADMITTED then
    if staged[1] then
      row.commit(1, counter_key)
    end
    out[size + 1], out[size + 2], out[size + 3], out[size + 4] = ADMITTED, remaining, reset, wait
    size = size + 4
    if times > 1 then
      size = size + 1
      out[size] = used or 0
    end
  elseif status > NEVER then
    out[size + 1], out[size + 2] = status, remaining
    size = size + 2
  elseif times > 1 then
    grant_some(plan, counter_key, remaining)
  else
    out[size + 1], out[size + 2], out[size + 3], out[size + 4], out[size + 5] =
      DENIED, status, remaining, reset, wait
    size = size + 5
  end
end

-- Plans by the text that they are made of: there are few of them, and many questions. false for a header.
local plans = {}

local function plan_of(text)
  local row, cost, times = string.match(text, '^(%d+):(%d+):?(%d*)$')
  local plan = row
    and { row = rows[row], cost = tonumber(cost), times = times == '' and 1 or tonumber(times) }
  plans[text] = plan or false
  return plan
end

-- Makes the function that answers questions with a header: a call of the script pays for making its
-- functions, and most calls need none of these.
local function general()
  local REPLAYED, CONFLICT = 2, 3
  local ANSWER_TTL = 60000
  local ENFORCED, QUOTA, CANDIDATE = byte('e'), byte('q'), byte('c')
  -- Costs by their text, as they stand in ARGV.
  local costs = {}

  local function cost_of(text)
    local cost = costs[text]
    if not cost then
      cost = tonumber(text)
      costs[text] = cost
    end
    return cost
  end

  -- The record that keep_answer wrote, or nil for what GET replied when something else is stored.
  local function read_answer(stored)
    local fine, record = try(cmsgpack.unpack, stored)
    if fine and type(record) == 'table' and type(record[5]) == 'number' and #record == 5 + record[5] then
      return record
    end
  end

  -- Puts the first answer under the idempotency key out again, if there is one.
  local function replay(fingerprint, shape)
    local stored = pcall('GET', KEYS[key])
    if not stored then
      return false
    end
    local record = read_answer(stored)
    if not record then
      out[size + 1], out[size + 2] = broken(KEYS[key])
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

  local function keep_answer(idempotency_key, fingerprint, shape, receipt, from, count)
    local record = { fingerprint, shape, receipt, now, count }
    for i = 1, count do
      record[5 + i] = out[from + i]
    end
    call('SET', idempotency_key, cmsgpack.pack(record), 'PX', ANSWER_TTL)
  end

  -- Writes what was charged under the receipt's name, for as long as any of it could be given back.
  local function keep_receipt(receipt_key, first_key, first_arg, count)
    local record, longest = {}, 0
    for slot = 1, count do
      if staged[slot] then
        local row, cost = rows[ARGV[first_arg + 2 * slot - 2]], cost_of(ARGV[first_arg + 2 * slot - 1])
        record[#record + 1] =
          { KEYS[first_key + slot - 1], row.letter, cost, charged_at[slot], charged_window[slot] }
        if staged_ttl[slot] > longest then
          longest = staged_ttl[slot]
        end
      end
    end
    if longest == 0 then
      return false
    end
    call('SET', receipt_key, cmsgpack.pack(record), 'PX', longest)
    return true
  end

  -- Asks one counter for a cost and puts what it says into its place in the reply. A counter that
  -- something is to be given back to is looked at, always admits, and lets nobody wait.
  local function ask(slot, counter_key, row, cost, anyway)
    staged[slot] = false
    local status, remaining, reset, wait = row.check(slot, counter_key, row, cost > 0 and cost or 0, anyway)
    if cost < 0 and status <= NEVER then
      status, wait = ADMITTED, 0
    end
    local place = size + 4 * slot - 2
    out[place], out[place + 1], out[place + 2], out[place + 3] = status, remaining, reset, wait
    return status, remaining
  end

  -- Gives back to a counter that was just looked at. One that is as new, which has no time to its reset,
  -- has nothing to give back, so an algorithm's credit always finds a state of its own. One that is
  -- empty now is not asked again: where time ran back, it would ask for other windows.
  local function give_back(slot, counter_key, row, cost)
    local place = size + 4 * slot - 2
    if out[place + 2] == 0 then
      return
    end
    row.credit(counter_key, row, -cost)
    if call('EXISTS', counter_key) == 1 then
      ask(slot, counter_key, row, cost)
    else
      out[place + 1], out[place + 2] = row.limit, 0
    end
  end

  -- Looks at all counters of a question that charges them one by one: one that cannot be asked ends the
  -- question, and nothing may be charged by then. Returns the code that ends it, or nil.
  local function unaskable(first_key, first_arg, count)
    for slot = 1, count do
      local row = rows[ARGV[first_arg + 2 * slot - 2]]
      local status, detail = ask(slot, KEYS[first_key + slot - 1], row, 0)
      if status > NEVER then
        return status, detail
      end
    end
  end

  -- Asks all counters of a question, then charges them. Returns its code. In a question that is denied,
  -- a counter that would have admitted says what it holds, since it is not charged.
  local function settle(first_key, first_arg, header)
    local roles, count, counting = header.roles, header.count, header.counting
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
    for slot = 1, count do
      local row = rows[ARGV[first_arg + 2 * slot - 2]]
      local cost = cost_of(ARGV[first_arg + 2 * slot - 1])
      local counter_key = KEYS[first_key + slot - 1]
      local status, detail = ask(slot, counter_key, row, cost, counting)
      if status > NEVER then
        return status, detail
      end
      if counting then
        if staged[slot] then
          row.commit(slot, counter_key)
        elseif cost < 0 then
          give_back(slot, counter_key, row, cost)
        end
      end
      local role = byte(roles, slot)
      if role == ENFORCED then
        if status ~= ADMITTED then
          denials, denier = denials + 1, slot
        end
      elseif role == QUOTA then
        quotas = quotas + 1
        if status == ADMITTED then
          quotas_left = quotas_left + 1
        end
      end
    end
    if quotas > 0 and quotas_left == 0 then
      denials, denier = denials + 1, 0
    end
    local code = denials == 0 and ADMITTED or DENIED
    if counting then
      return code
    end
    local live = -1
    for slot = 1, count do
      local role = byte(roles, slot)
      local candidate = role == CANDIDATE
      if not candidate then
        live = role == QUOTA and 0 or slot
      end
      local row = rows[ARGV[first_arg + 2 * slot - 2]]
      if staged[slot] then
        if code == ADMITTED or (candidate and denials == 1 and denier == live) then
          row.commit(slot, KEYS[first_key + slot - 1])
        else
          ask(slot, KEYS[first_key + slot - 1], row, 0)
        end
      elseif code == ADMITTED then
        local cost = cost_of(ARGV[first_arg + 2 * slot - 1])
        if cost < 0 then
          give_back(slot, KEYS[first_key + slot - 1], row, cost)
        end
      end
    end
    return code
  end

  local headers = {}

  local function header_of(text)
    local roles, flags = string.match(text, '^(%a+):(%a*)$')
    local header = {
      roles = roles,
      count = #roles,
      counting = string.find(flags, 'd', 1, true) ~= nil,
      idempotent = string.find(flags, 'i', 1, true) ~= nil,
      receipt = string.find(flags, 'r', 1, true) ~= nil,
    }
    headers[text] = header
    return header
  end

  return function(text)
    local header = headers[text] or header_of(text)
    local count = header.count
    local fingerprint, shape, idempotency_key, receipt_key
    local answered = false
    if header.idempotent then
      fingerprint, shape, idempotency_key = ARGV[arg], ARGV[arg + 1], KEYS[key]
      arg = arg + 2
      answered = replay(fingerprint, shape)
      key = key + 1
    end
    if header.receipt then
      receipt_key = KEYS[key]
      key = key + 1
    end
    if not answered then
      local code, detail = settle(key, arg, header)
      out[size + 1] = code
      if code > NEVER then
        out[size + 2] = detail
        for i = size + 3, size + 1 + 4 * count do
          out[i] = nil
        end
        size = size + 2
      else
        local from = size + 1
        size = from + 4 * count
        local kept = false
        if receipt_key then
          kept = code == ADMITTED and keep_receipt(receipt_key, key, arg, count)
          size = size + 1
          out[size] = kept and 1 or 0
        end
        if idempotency_key and code == ADMITTED then
          local receipt = kept and string.sub(receipt_key, -32) or ''
          keep_answer(idempotency_key, fingerprint, shape, receipt, from, 4 * count)
        end
      end
    end
    key = key + count
    arg = arg + 2 * count
  end
end

local with_header
local arguments = #ARGV
while arg <= arguments do
  local text = ARGV[arg]
  local plan = plans[text]
  if plan == nil then
    plan = plan_of(text)
  end
  arg = arg + 1
  if plan then
    answer_plain(plan, KEYS[key])
    key = key + 1
  else
    with_header = with_header or general()
    with_header(text)
  end
end
return out
