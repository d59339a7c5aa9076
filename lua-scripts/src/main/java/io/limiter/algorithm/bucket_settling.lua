-- Settling a token or leaky bucket, the twin of Bucket.settle. What was admitted since the last charge is
-- charged as of its own time, which is exact. What was admitted before that is counted as in a bucket of its
-- own, up to the last charge; what is in use there then is added. Two buckets drain no slower than one, so
-- no more is added than one bucket would hold.
local function bucket_settle(key, row, first, last)
  local stored = pcall('GET', key)
  local at, rate, period, capacity = now, row.rate, row.period, row.capacity_units
  local charged_at, used = FOREVER, 0
  if stored then
    if #stored ~= 33 or byte(stored) ~= VERSION then
      return unreadable(key, stored)
    end
    local stored_at, stored_used, stored_rate, stored_period = unpack_state('<dddd', stored, 2)
    if stored_at > at then
      at = stored_at
    end
    if at < stored_at + ceil(stored_used / stored_rate) then
      charged_at = stored_at
      used = stored_period == period and stored_used or bucket_convert(stored_used, stored_period, period)
    end
  end
  local queue, time, charged, came = 0, 0, 0, 0
  local merged = charged_at == FOREVER

  -- Lets flow back what does until a time.
  local function drain(amount, until_time)
    amount = amount - (until_time - time) * rate
    return amount > 0 and amount or 0
  end

  local function merge()
    queue = drain(queue, charged_at)
    local free = capacity > used and capacity - used or 0
    local added = queue < free and queue or free
    charged = ceil(added / period)
    came = came - ceil(queue / period) + charged
    queue, time, merged = used + added, charged_at, true
  end

  for i = first, last, 2 do
    local when, cost = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
    when = when < now and when or now
    if not merged and when >= charged_at then
      merge()
    end
    queue, time = drain(queue, when), when
    local room = queue < capacity and floor((capacity - queue) / period) or 0
    cost = cost < room and cost or room
    queue, came = queue + cost * period, came + cost
    if charged_at < FOREVER and merged then
      charged = charged + cost
    end
  end
  if not merged then
    merge()
  end
  if charged_at == FOREVER then
    charged = ceil(queue / period)
  end
  local stop = time + ceil(queue / rate)
  if charged == 0 or now >= stop then
    return ADMITTED, 0, came
  end
  row.commit(key, pack('<Bdddd', VERSION, time, queue, rate, period), stop)
  return ADMITTED, charged, came - charged
end

settle.t, settle.b = bucket_settle, bucket_settle
