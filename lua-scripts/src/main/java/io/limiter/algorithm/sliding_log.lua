-- Sliding log, the twin of SlidingLog.java: admits while the costs charged in (now - window, now] and
-- the cost are no more than the limit.
--
-- Stored: a list. Its head is the base: version, window, and the running total before the first entry.
-- Then one entry for each moment at which something was charged: the time, and the running total up to and
-- including it, which takes one to seven bytes. A search from the old end finds what has left the window, and
-- when enough will have left it: it nearly always lies there. A denial only reads.
--
-- Row: l, limit, window.
--
-- An opened log is a table of what was read of it. It has key, head (its old end, mostly all of it), window
-- and base_total (of the base), first and last (times), total. It is good until something is written.
local LOG_BASE = '<BI7I7'
local LOG_ENTRY = { '<I7I1', '<I7I2', '<I7I3', '<I7I4', '<I7I5', '<I7I6', '<I7I7' }

local LOG_HEAD = 8 -- how many elements are read at once from the old end: 0 to 7

-- A list has no SET … PX. PEXPIRE deletes a key at once if its millisecond is over by the time that Redis
-- looks, which can be up to a millisecond too early. So the log gets one more.
local function log_expire(key, stop)
  call('PEXPIRE', key, ttl_text(ttl_until(stop) + 1))
end

local function log_entry(time, total)
  local size, most = 1, 256
  while total >= most do
    size, most = size + 1, most * 256
  end
  return pack(LOG_ENTRY[size], time, total)
end

local function log_read(entry)
  return unpack_state(LOG_ENTRY[#entry - 7], entry)
end

local function log_is_whole(log)
  return #log.head < LOG_HEAD
end

-- The element at an index, from 0 for the base; nil or false beyond the last.
local function log_at(log, index)
  local element = log.head[index + 1]
  if element or log_is_whole(log) then
    return element
  end
  return call('LINDEX', log.key, index)
end

-- How many entries there are.
local function log_length(log)
  return (log_is_whole(log) and #log.head or call('LLEN', log.key)) - 1
end

-- Opens a log. nil and what pcall replied when there is something else at the key, nil alone when there is
-- nothing.
local function log_open(key)
  local head = pcall('LRANGE', key, '0', '7')
  if head.err then
    return nil, head
  end
  local base = head[1]
  if not base then
    return nil
  end
  if #base ~= 15 or byte(base) ~= VERSION or not head[2] then
    return nil, head
  end
  local _, window, base_total = unpack_state(LOG_BASE, base)
  local first = log_read(head[2])
  local last, total = log_read(#head < LOG_HEAD and head[#head] or call('LINDEX', key, '-1'))
  return {
    key = key,
    head = head,
    window = window,
    base_total = base_total,
    first = first,
    last = last,
    total = total,
  }
end

-- The first entry from `low` on whose time (or total) reaches `least`; it exists. Looks 1, 2, 4, ...
-- entries ahead, then halves. Returns its index, its time and its total.
local function log_search(log, low, by_total, least)
  local step, high, time, total = 1, low, 0, 0
  while true do
    local entry = log_at(log, high)
    if entry then
      time, total = log_read(entry)
      if (by_total and total or time) >= least then
        break
      end
      low = high + 1
    else
      high = log_length(log)
      time, total = log_read(log_at(log, high))
      break
    end
    high = high + step
    step = step * 2
  end
  while low < high do
    local middle = floor((low + high) / 2)
    local t, s = log_read(log_at(log, middle))
    if (by_total and s or t) >= least then
      high, time, total = middle, t, s
    else
      low = middle + 1
    end
  end
  return high, time, total
end

-- How many entries have left the window that began at `horizon`, and the running total up to there.
local function log_expired(log, horizon)
  if log.last <= horizon then
    return log_length(log), log.total
  end
  if log.first > horizon then
    return 0, log.base_total
  end
  local expired = log_search(log, 2, false, horizon + 1) - 1
  local _, expired_total = log_read(log_at(log, expired))
  return expired, expired_total
end

local sliding_log_commit, sliding_log_credit

local function sliding_log_check(key, row, cost)
  local log, broken = log_open(key)
  if broken then
    return unreadable(key, broken)
  end
  local at, limit, window = now, row.limit, row.window
  if log and log.last > at then
    at = log.last
  end
  if not log or at >= log.last + log.window then
    if cost > limit then
      return NEVER, limit, 0, 0
    end
    if cost == 0 then
      return ADMITTED, limit, 0, 0
    end
    local plan = { fresh = true, lapsed = log ~= nil, window = window, at = at, total = cost }
    return ADMITTED, limit - cost, at + window - now, 0, 0, plan, at + window, at, 0
  end
  local last, total = log.last, log.total
  local stored_end = last + log.window
  local expired, expired_total = log_expired(log, at - window)
  local used = total - expired_total
  local remaining = used < limit and limit - used or 0
  if cost > 0 and used <= limit - cost then
    local plan = {
      window = window,
      at = at,
      total = total + cost,
      expired = expired,
      base_total = expired_total,
      new_base = window ~= log.window or expired > 0,
      same_moment = last == at,
    }
    return ADMITTED, remaining - cost, at + window - now, 0, 0, plan, at + window, at, 0
  end
  local reset = 0
  if used > 0 then
    local stop = last + window
    reset = (stop < stored_end and stop or stored_end) - now
  end
  if cost > limit then
    return NEVER, remaining, reset, 0
  end
  if used <= limit - cost then
    return ADMITTED, remaining, reset, 0
  end
  local _, enough = log_search(log, expired + 1, true, total + cost - limit)
  local admits_at = enough + window
  return DENIED, remaining, reset, (admits_at < stored_end and admits_at or stored_end) - now
end

-- Writes entries behind a log in pieces: as read, with `less` taken off every total.
local function log_append(key, entries, less)
  local piece = {}
  for i = 1, #entries do
    local time, total = log_read(entries[i])
    piece[#piece + 1] = log_entry(time, total - less)
    if #piece == 1000 or i == #entries then
      call('RPUSH', key, unpack(piece))
      piece = {}
    end
  end
end

-- What is written anew is written behind the old, which then goes. So the key is never absent: where a slot
-- of a Redis Cluster moves, an absent key cannot be written.
function sliding_log_commit(key, plan, stop)
  if plan.fresh then
    call('RPUSH', key, pack(LOG_BASE, VERSION, plan.window, 0), log_entry(plan.at, plan.total))
    if plan.lapsed then
      call('LTRIM', key, '-2', '-1')
    end
  else
    -- The last entry that left the window becomes the base.
    if plan.expired > 0 then
      call('LTRIM', key, plan.expired, '-1')
    end
    if plan.total > MAX_PRODUCT and plan.base_total > 0 then
      local entries = call('LRANGE', key, 1, -1)
      call('RPUSH', key, pack(LOG_BASE, VERSION, plan.window, 0))
      log_append(key, entries, plan.base_total)
      call('LTRIM', key, #entries + 1, '-1')
      plan.total = plan.total - plan.base_total
    elseif plan.new_base then
      call('LSET', key, '0', pack(LOG_BASE, VERSION, plan.window, plan.base_total))
    end
    if plan.same_moment then
      call('LSET', key, '-1', log_entry(plan.at, plan.total))
    else
      call('RPUSH', key, log_entry(plan.at, plan.total))
    end
  end
  log_expire(key, stop)
end

function read_row.l(place)
  local row = {
    letter = 'l',
    check = sliding_log_check,
    commit = sliding_log_commit,
    credit = sliding_log_credit,
    limit = tonumber(ARGV[place]),
    window = tonumber(ARGV[place + 1]),
  }
  return row, place + 2
end

-- == Giving back: only in scripts that do ==

local function sliding_log_refund(key, cost, charged_at)
  local log = log_open(key)
  if not log then
    return false
  end
  local window, first, last = log.window, log.first, log.last
  local at = now > last and now or last
  if at >= last + window or charged_at <= at - window or charged_at < first or charged_at > last then
    return false
  end
  local index, time, after = log_search(log, 1, false, charged_at)
  if time ~= charged_at then
    return false
  end
  local before = log.base_total
  if index > 1 then
    local _, sum = log_read(log_at(log, index - 1))
    before = sum
  end
  local charged = after - before
  local given = charged < cost and charged or cost
  local entries = call('LRANGE', key, index, -1)
  if given == charged then
    table.remove(entries, 1)
  end
  call('LTRIM', key, 0, index - 1)
  log_append(key, entries, given)
  if #entries == 0 then
    if index == 1 then
      call('DEL', key)
      return true
    end
    last = log_read(call('LINDEX', key, -1))
  end
  if at >= last + window then
    call('DEL', key)
  else
    log_expire(key, last + window)
  end
  return true
end

-- From the newest entries backwards: the log is cut where its running total is what is to be left.
function sliding_log_credit(key, row, cost)
  local log = log_open(key)
  local window, last = log.window, log.last
  local at = now > last and now or last
  local expired, expired_total = log_expired(log, at - row.window)
  local left = log.total - cost
  if left <= expired_total then
    call('DEL', key)
    return
  end
  local index, time = log_search(log, expired + 1, true, left)
  if at >= time + window then
    call('DEL', key)
    return
  end
  call('LTRIM', key, 0, index)
  call('LSET', key, -1, log_entry(time, left))
  log_expire(key, time + window)
end

refunds.l = sliding_log_refund
