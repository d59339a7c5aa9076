-- Charging a token or leaky bucket beyond its capacity, the twin of Bucket.overcharge: in whole tokens, as long as
-- no more than 2^52 units are in use.
local function bucket_widest(row)
  return {
    limit = floor(MAX_PRODUCT / row.period),
    rate = row.rate,
    period = row.period,
    capacity_units = MAX_PRODUCT,
  }
end

local function bucket_overcharge(key, row, cost)
  return overcharge_under(bucket_widest(row), key, row, cost)
end

local function bucket_owed(key, row)
  local status, detail, _, _, used = row.check(key, bucket_widest(row), 0)
  if status > NEVER then
    return status, detail
  end
  local above = used - row.capacity_units
  return ADMITTED, above > 0 and ceil(above / row.period) or 0
end

overcharge.t, overcharge.b = bucket_overcharge, bucket_overcharge
owed.t, owed.b = bucket_owed, bucket_owed
