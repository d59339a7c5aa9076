-- Giving back what was charged to a tenant of a shared pool. Its letter in a receipt is S; for the window charged a
-- receipt has that of the pool, the pool's letter, and the tenant.

-- What a tenant borrowed last goes back first. What is not there any more counts no more.
local function share_give_back(share_key, cost)
  local stored = pcall('GET', share_key)
  if not is_state(stored, 65) then
    return
  end
  local since, stop, at, held, guarantee, tag, lent, weight = unpack_state('<dddddddd', stored, 2)
  local back = math.min(cost, lent)
  local state = pack(
    '<Bdddddddd',
    VERSION,
    since,
    stop,
    at,
    held + (cost - back),
    guarantee,
    tag - back / weight,
    lent - back,
    weight
  )
  call('SET', share_key, state, 'KEEPTTL')
end

function refunds.S(key, cost, at, window)
  local given = refunds[window[2]](key, cost, at, window[1])
  if given then
    share_give_back(key .. '^share:' .. window[3], cost)
  end
  return given
end
