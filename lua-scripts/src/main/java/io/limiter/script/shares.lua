-- A pool that tenants share, the twin of SharedStep.java; in `decide` only where one is asked. docs/fair-shares.md
-- derives it. A shared counter is a row that stands before the row of its pool:
--
-- Row: S, the tenant as it stands at the end of its record's key, its guarantee in 1/10000 of the pool, its weight,
-- 1 if it may borrow; then the pool's own row: t, f or F.
--
-- Time is cut into epochs: the windows of the pool, or the times in which a bucket fills whole. Who asked in this epoch
-- or in the one before is active. Beside the pool's counter are stored
--   who is active, in sums: since when, start and stop of the epoch; guarantees of those who asked in the epoch before,
--     of those who asked in this one, and of these what is not among the former; likewise their weights; the level:
--     what the one that borrowed most has borrowed by its weight; the level of the epoch before
--   a record of each tenant: the same since, the stop of the epoch in which it asked last, when it held so much of its
--     guarantee, how much, its guarantee, what it has borrowed by its weight, what it has borrowed, its weight
--
-- A tenant is charged to what it holds of its guarantee first. Beyond that it borrows: if, behind it, what the
-- guarantees of the others may take is left, and if it would be ahead of the level, a buffer besides. A denial writes
-- nothing but that a tenant asked, once in an epoch. Amounts are doubles, and the twin computes them in the same order.
local SHARES_BYTES = 89
local SHARE_BYTES = 65
local SHARE_ALL = 10000
local SHARE_BUFFER = 8

local share_max, share_min = math.max, math.min

-- What is stored, as a string; nil and what a check says where it cannot be read; false for nothing.
local function share_stored(key, size)
  local stored = pcall('GET', key)
  if not stored then
    return false
  end
  if #stored ~= size or byte(stored) ~= VERSION then
    return nil, unreadable(key, stored)
  end
  return stored
end

-- The epoch of a time: start, stop, and the end of the next one. That of an unknown month is taken to be as long as
-- this one.
local function share_epoch(pool, at)
  if pool.rate then
    local length = share_max(1, ceil(pool.capacity_units / pool.rate))
    local start = at - at % length
    return start, start + length, start + 2 * length
  elseif pool.window then
    local start = at - at % pool.window
    return start, start + pool.window, start + 2 * pool.window
  end
  local edges = pool.edges
  local i = at < edges[2] and 1 or at < edges[3] and 2 or 3
  local start, stop = edges[i], edges[i + 1]
  return start, stop, edges[i + 2] or 2 * stop - start
end

-- What is kept for borrowers that are behind: in a window their part of what nobody reserves.
local function share_buffer(pool, guarantee, weight, active, weights)
  if active <= guarantee then
    return 0
  end
  local least = pool.limit / SHARE_BUFFER
  if pool.rate then
    return least
  end
  local spare = pool.limit * (SHARE_ALL - share_min(active, SHARE_ALL)) / SHARE_ALL
  return share_max(least, spare * (weights - weight) / weights)
end

-- The largest cost that is admitted: the least of what is free and what is held; or borrowing, as far as who asks is
-- behind, what is free beyond what is kept for guarantees, and else beyond what is kept for borrowers too.
local function share_most(borrows, room, held, behind, kept, kept_ahead)
  local most, whole = room, floor(held)
  if whole < room then
    most = whole
  end
  if borrows then
    local credit, free = floor(held + behind), room - kept
    if free < credit then
      credit = free
    end
    if credit > most then
      most = credit
    end
    free = room - kept_ahead
    if free > most then
      most = free
    end
  end
  return most > 0 and most or 0
end

-- Until the pool takes so much.
local function share_pool_wait(key, view, tokens)
  if tokens > view.pool.limit then
    return math.huge
  end
  local status, _, _, wait = view.pool.check(key, view.pool, tokens)
  return status == ADMITTED and 0 or wait
end

local function share_until_held(view, tokens, active)
  local total = share_max(active, SHARE_ALL)
  if tokens > view.depth * view.guarantee / total then
    return math.huge
  end
  local lacks = tokens - view.held
  if lacks <= 0 then
    return 0
  end
  local pool = view.pool
  -- A microsecond more, since what is renewed until then is rounded.
  return view.at - now + ceil(lacks / (1 * pool.rate * view.guarantee / pool.period / total)) + 1
end

local function share_bucket_wait(key, view, cost, active, heavy)
  local soonest = share_max(share_until_held(view, cost, active), share_pool_wait(key, view, cost))
  if view.borrows then
    local reserve = view.depth * (active - view.guarantee) / share_max(active, SHARE_ALL)
    local buffer = share_buffer(view.pool, view.guarantee, view.weight, active, heavy)
    local behind = (view.level - view.tag) * view.weight
    local held = share_until_held(view, cost - behind, active)
    if held < soonest then
      soonest = share_min(soonest, share_max(held, share_pool_wait(key, view, cost + ceil(reserve))))
    end
    soonest = share_min(soonest, share_pool_wait(key, view, cost + ceil(reserve + buffer)))
  end
  return soonest
end

-- What is reserved for others in a window, at its beginning.
local function share_reserved(view, active, heavy, is_behind)
  local reserve = view.depth * (active - view.guarantee) / share_max(active, SHARE_ALL)
  if is_behind then
    return reserve
  end
  return reserve + share_buffer(view.pool, view.guarantee, view.weight, active, heavy)
end

-- When in a window so much is free beyond what is reserved there.
local function share_window_time(free, reserved, from, start, stop)
  local at, length = from, stop - start
  if reserved > free then
    at = share_max(from, ceil(stop - free * length / reserved))
  end
  while at < stop and ceil(reserved * ((stop - at) / length)) > free do
    at = at + 1
  end
  return at
end

-- How long a cost is denied if nothing else comes: while all are active who are now, then while those are who asked
-- in this epoch, then with nobody else.
local function share_wait(key, view, cost, room)
  local stop, next = view.stop, view.next
  if view.pool.rate then
    local first = share_bucket_wait(key, view, cost, view.active, view.heavy)
    if first < stop - now then
      return first
    end
    local second = share_max(stop - now, share_bucket_wait(key, view, cost, view.asked, view.heavy_asked))
    if second < next - now then
      return second
    end
    return share_max(next - now, share_pool_wait(key, view, cost))
  end
  if view.borrows and room >= cost then
    local is_behind = cost <= (view.level - view.tag) * view.weight
    local reserved = share_reserved(view, view.active, view.heavy, is_behind)
    local at = share_window_time(room - cost, reserved, view.at, view.start, stop)
    if at < stop then
      return at - now
    end
  end
  if cost <= view.depth * view.guarantee / share_max(view.asked, SHARE_ALL) then
    return stop - now
  end
  if view.borrows then
    local reserved = share_reserved(view, view.asked, view.heavy_asked, false)
    local at = share_window_time(view.pool.limit - cost, reserved, stop, stop, next)
    if at < next then
      return at - now
    end
  end
  return next - now
end

-- As commit_string, which would make a text of each pool's TTL and of these in turn.
local share_ttl, share_ttl_text

local function share_set(key, state, stop)
  local ttl = ttl_until(stop)
  if ttl ~= share_ttl then
    share_ttl, share_ttl_text = ttl, string.format('%d', ttl)
  end
  call('SET', key, state, 'PX', share_ttl_text)
end

-- What commit takes: the pool's state and when it ends, what is stored of who is active (false for no change) and of
-- the tenant, when these end, and their keys.
local function share_commit(key, states)
  if states[1] then
    commit_string(key, states[1], states[2])
  end
  if states[3] then
    share_set(states[6], states[3], states[5])
  end
  share_set(states[7], states[4], states[5])
end

local function share_check(key, row, cost)
  local pool = row.pool
  local status, remaining, reset, pool_wait, _, state, pool_stop, pool_at, window = pool.check(key, pool, cost)
  if status > NEVER then
    return status, remaining
  end
  local shares_key, share_key = key .. '^shares', key .. '^share:' .. row.tenant
  local stored, code, detail = share_stored(shares_key, SHARES_BYTES)
  if stored == nil then
    return code, detail
  end
  local record
  record, code, detail = share_stored(share_key, SHARE_BYTES)
  if record == nil then
    return code, detail
  end
  local room = status == ADMITTED and remaining + cost or remaining
  local since, start, stop, before, asked, fresh, heavy_before, heavy_asked, heavy_fresh, level, base
  local at = now
  if stored then
    since, start, stop, before, asked, fresh, heavy_before, heavy_asked, heavy_fresh, level, base =
      unpack_state('<ddddddddddd', stored, 2)
    at = share_max(now, start)
  end
  local from, to, next = share_epoch(pool, at)
  if not stored or start ~= from or stop ~= to then
    if stored and stop == from then
      before, heavy_before, base = asked, heavy_asked, level
    else
      since, before, heavy_before, base = at, 0, 0, 0
    end
    asked, fresh, heavy_asked, heavy_fresh, level = 0, 0, 0, 0, 0
  end
  local guarantee, weight, limit = row.guarantee, row.weight, pool.limit
  local noted, known = false, false
  local last_since, last_stop, last_at, last_held, last_guarantee, last_tag, lent, last_weight
  if record then
    last_since, last_stop, last_at, last_held, last_guarantee, last_tag, lent, last_weight =
      unpack_state('<dddddddd', record, 2)
    noted = last_since == since and last_stop == to
    known = noted or (last_since == since and last_stop == from)
  end
  if noted then
    guarantee, weight = last_guarantee, last_weight
  else
    asked, heavy_asked = asked + guarantee, heavy_asked + weight
    fresh = fresh + share_max(0, guarantee - (known and last_guarantee or 0))
    heavy_fresh = heavy_fresh + share_max(0, weight - (known and last_weight or 0))
    lent = 0
  end
  local depth = pool.rate and limit / 2 or limit
  local left = pool.rate and 1 or (to - at) / (to - from)
  local active = before + fresh
  local total = share_max(active, SHARE_ALL)
  local ceiling = depth * guarantee / total * left
  local reserve = depth * (active - guarantee) / total
  local held
  if not known then
    held = share_min(ceiling, share_max(0, room - ceil(reserve * left)))
  elseif not pool.rate then
    held = noted and share_min(ceiling, last_held) or ceiling
  else
    local passed = share_max(0, at - last_at)
    held = share_min(ceiling, last_held + passed * pool.rate * guarantee / pool.period / total)
  end
  local tag = level
  if known and not pool.rate then
    tag = noted and last_tag or 0
  elseif known then
    tag = share_max(noted and last_tag or last_tag - base, level - limit / SHARE_BUFFER / weight)
  end
  local heavy = heavy_before + heavy_fresh
  local borrows = row.borrows
  local kept = ceil(reserve * left)
  local kept_ahead = ceil((reserve + share_buffer(pool, guarantee, weight, active, heavy)) * left)
  local most = share_most(borrows, room, held, (level - tag) * weight, kept, kept_ahead)
  if cost == 0 then
    return status, most, reset, pool_wait, 0
  end
  local admits, raised, changes = status == ADMITTED and cost <= most, level, not noted
  if not admits then
    if status == ADMITTED then
      _, _, reset = pool.check(key, pool, 0)
    end
    if status == NEVER or (not borrows and cost > floor(depth * guarantee / SHARE_ALL)) then
      return NEVER, most, reset, 0
    end
  else
    local own = cost < held and cost or held
    local borrowed = cost - own
    held, tag, lent = held - own, tag + borrowed / weight, lent + borrowed
    if tag > level then
      raised, changes = tag, true
    end
  end
  local shares = changes
    and pack(
      '<Bddddddddddd',
      VERSION,
      since,
      from,
      to,
      before,
      asked,
      fresh,
      heavy_before,
      heavy_asked,
      heavy_fresh,
      raised,
      base
    )
  local share = (admits or changes)
    and pack('<Bdddddddd', VERSION, since, to, at, held, guarantee, tag, lent, weight)
  if admits then
    most = share_most(borrows, room - cost, held, (raised - tag) * weight, kept, kept_ahead)
    local states = { state, pool_stop, shares, share, next, shares_key, share_key }
    return ADMITTED, most, reset, 0, 0, states, pool_stop, pool_at, { window, pool.letter, row.tenant }
  end
  local wait = share_wait(key, {
    pool = pool,
    borrows = borrows,
    start = from,
    stop = to,
    next = next,
    at = at,
    asked = asked,
    heavy_asked = heavy_asked,
    level = level,
    guarantee = guarantee,
    weight = weight,
    held = held,
    tag = tag,
    depth = depth,
    active = active,
    heavy = heavy,
  }, cost, room)
  if changes then
    share_commit(key, { false, false, shares, share, next, shares_key, share_key })
  end
  return DENIED, most, reset, share_max(1, wait)
end

local function share_credit(key, row, cost)
  row.pool.credit(key, row.pool, cost)
  share_give_back(key .. '^share:' .. row.tenant, cost)
end

function read_row.S(place)
  local letter = ARGV[place + 4]
  local pool, after = read_row[letter](place + 5, letter)
  return {
    letter = 'S',
    check = share_check,
    commit = share_commit,
    credit = share_credit,
    limit = pool.limit,
    delays = false,
    tells_use = false,
    pool = pool,
    tenant = ARGV[place],
    guarantee = tonumber(ARGV[place + 1]),
    weight = tonumber(ARGV[place + 2]),
    borrows = ARGV[place + 3] == '1',
  },
    after
end
