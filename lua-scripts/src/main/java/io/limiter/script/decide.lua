-- decide: answers a batch of questions, each of them whole. A question is admitted if all of its
-- enforced counters admit it and, if it has quotas, at least one of these does. Only then are its
-- counters charged. It must be a script, since nobody else may charge between looking and charging. It
-- is one script for the batch, since most of a call's cost is the call.
--
-- KEYS  for each question: the idempotency record if it has one, the receipt record if it wants one,
--       then its counters, then where it is learned what the upstreams of those admit that learn. The counters
--       of one question differ, unless it has flag d.
--       A call over several slots of a Redis Cluster declares none, since declared keys have to lie in one
--       slot. Its keys stand behind the questions, and last their number. Redis then checks each key when it
--       is touched, and refuses one whose slot is elsewhere, or moves while the key is absent here. So a
--       question reads before it writes, by a pcall. What it has read is never absent while it writes.
-- ARGV  the number of rows; the rows (limits), each a letter and its numbers, times in microseconds, as the
--       head of its algorithm's file says;
--       then the questions. Before any of them may stand a number without a colon: the time after which
--       those that come next are void, up to the next such number.
--       A question is either `<row>:<cost>`, of one enforced counter that is charged 0 or more,
--       or `<row>:<cost>:<times>` for as many such questions, 2 or more, decided one after another,
--       or `<row>:<cost>:<times>:<run>` for these about each of 2 or more counters in a row;
--       or a header `<roles>:<flags>`. Roles are a letter for each counter:
--         e  enforced
--         q  quota
--         s  shadow: charged if the question is admitted and it admits
--         c  candidate: likewise, and also if the question is denied by nothing but what it stands in
--            for: the last counter before it that is no candidate, with the other quotas if it is one
--         j  joined to the counter before it, whatever that is: of those that are joined all admit or none does,
--            and none is charged without the others
--         A capital is that of a counter that learns: it admits no more than its upstream is said to.
--       Flags are
--         i  idempotent: fingerprint and shape follow
--         r  wants a receipt
--         b  keeps the receipt's record for ten seconds at most
--         d  every counter is charged at once, one after the other, whatever it or the others say, up to
--            2^52; a counter may occur again, and is charged again. Fixed windows only, without i and r
--       or `|<alternatives>`, then so many questions with headers, 1 or more, none with flag d: they are asked until
--       one is not denied, and those behind it are not.
--       Behind a header, for each counter `<row>:<cost>`. 0 looks. Less than 0 gives back what was
--       charged last, down to an empty counter, if the question is admitted or has flag d: it always
--       admits, with what remains then (in a denied question: with what remains) and without delay, and
--       is no part of a receipt.
-- Reply the time, then for each question of
--         one counter without header: if admitted what remains, which is never below 0, microseconds to
--           reset, and of a leaky bucket microseconds of delay; otherwise a number below 0:
--         -1 denied: remaining, microseconds to reset, microseconds to retry
--         -2 never: remaining, microseconds to reset
--         -3 asked several times, and only some admitted: how many, 1 or more, what these were told,
--           then -1 or -2 and what the others were told
--         -4 to -8: as 4 to 8 below
--         Asked several times and admitted each time, or some: remaining and reset are those of the
--           last, the delay that of the first, and a bucket says besides what was in use before the
--           first, in 1/period of a token
--       and for alternatives the place of the one that is told first, from 1: another than the first if it was
--           answered before. Then for each question with a header a code and what follows from it:
--         0 denied, 1 admitted: for each counter status (0 denied, 1 admitted, 2 never), remaining,
--           microseconds to reset, microseconds to retry (denied) or of delay (admitted);
--           with flag r, whether a receipt was written
--         2 answered before: the time and receipt ('' for none) of then, the number of numbers that
--           follow, and these: the statuses of then, none if its shape was another
--         3 answered before, to another question
--         4 no window of the calendar covers a time: that time
--         5 something else is stored where a counter or an idempotency record should be: its key
--         6 Redis refused to read it: the error
--         7 it was void
--         8 instead of 6 in a call that declares no key: the question is to be asked with its keys declared
-- A denial writes nothing, except with flag d and to a candidate. A question with code 2 to 8 never writes.
local out, size, key = { now }, 1, 1

-- Where the questions end, and whether no key is declared.
local arguments, undeclared = #ARGV, #KEYS == 0
if undeclared then
  KEYS, arguments = ARGV, arguments - 1 - ARGV[arguments]
  key = arguments + 1
end

-- Whether the time of the questions that come next is over.
local expired = false

-- Puts out what a question without header is told that is not admitted.
local function put_refusal(status, detail, reset, wait)
  if status == DENIED then
    out[size + 1], out[size + 2], out[size + 3], out[size + 4] = -1, detail, reset, wait
    size = size + 4
  elseif status == NEVER then
    out[size + 1], out[size + 2], out[size + 3] = -2, detail, reset
    size = size + 3
  elseif undeclared and status == REFUSED then
    size = size + 1
    out[size] = -ELSEWHERE
  else
    out[size + 1], out[size + 2] = -status, detail
    size = size + 2
  end
end

local function put_admission(row, times, remaining, reset, delay, used)
  out[size + 1], out[size + 2] = remaining, reset
  size = size + 2
  if row.delays then
    size = size + 1
    out[size] = delay
  end
  if times > 1 and row.tells_use then
    size = size + 1
    out[size] = used
  end
end

-- Admits and charges as many of the equal questions as fit, and puts out how many these are. Then puts out
-- what the first one that is denied is told. `remaining` is the largest cost that fits now.
local function grant_some(plan, counter_key, remaining)
  local row, cost = plan.row, plan.cost
  local granted = cost > 0 and floor(remaining / cost) or 0
  if granted > 0 then
    local _, left, reset, delay, used, state, stop = row.check(counter_key, row, granted * cost)
    row.commit(counter_key, state, stop)
    out[size + 1], out[size + 2] = -3, granted
    size = size + 2
    put_admission(row, plan.times, left, reset, delay, used)
  end
  put_refusal(row.check(counter_key, row, cost))
end

-- Answers questions without header, of one plan about one counter after the other. As often as one is
-- asked, one charge of the sum leaves the same state as one charge after the other, at one time.
local function answer_run(plan)
  local row, times = plan.row, plan.times
  local check, commit, sum = row.check, row.commit, plan.cost * times
  local simple = times == 1 and not row.delays
  local last = key + plan.run - 1
  for i = key, last do
    local counter_key = KEYS[i]
    local status, remaining, reset, wait, used, state, stop = check(counter_key, row, sum)
    if status == ADMITTED then
      if state then
        commit(counter_key, state, stop)
      end
      if simple then
        out[size + 1], out[size + 2] = remaining, reset
        size = size + 2
      else
        put_admission(row, times, remaining, reset, wait, used)
      end
    elseif times > 1 and status <= NEVER then
      grant_some(plan, counter_key, remaining)
    else
      put_refusal(status, remaining, reset, wait)
    end
  end
  key = last + 1
end

-- Says of questions without header that they were void.
local function pass_over(plan)
  for _ = 1, plan.run do
    size = size + 1
    out[size] = -EXPIRED
  end
  key = key + plan.run
end

-- Plans by the text that they are made of: there are few of them, and many questions. false for a header and for a time.
local plans = {}

local function plan_at(place)
  local text = ARGV[place]
  local plan = plans[text]
  if plan == nil then
    local row, cost, times, run = string.match(text, '^(%d+):(%-?%d+):?(%d*):?(%d*)$')
    plan = row
      and {
        row = rows[tonumber(row)],
        cost = tonumber(cost),
        times = tonumber(times) or 1,
        run = tonumber(run) or 1,
      }
    plans[text] = plan or false
  end
  return plan
end

-- Answers the question whose header is the text, before `arg`; where none is asked, nobody needs it.
local answer_with_header

-- The counters that were given something back to; only questions with a header do that.
local credited
