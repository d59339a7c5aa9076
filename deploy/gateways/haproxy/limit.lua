-- Asks Limiter about each request, and tells HAProxy what came of it:
--   txn.limit_status   the status to deny with, or nothing
--   txn.limit_...      the headers that the caller is to see
-- If Limiter cannot be asked, the request goes ahead.

local AUTHORIZE = "http://limiter/v1/authorize/web"

-- The frontend of HAProxy's own that leads to Limiter.
local LIMITER = "abns@limiter"

local HEADERS = {
  ["retry-after"] = "retry",
  ["ratelimit-policy"] = "policy",
  ["ratelimit"] = "state",
  ["x-ratelimit-limit"] = "limit",
  ["x-ratelimit-remaining"] = "remaining",
  ["x-ratelimit-reset"] = "reset",
}

local function last(values)
  local found = nil
  local at = -1
  for index, value in pairs(values or {}) do
    if index > at then
      at, found = index, value
    end
  end
  return found
end

core.register_action("limit", { "http-req" }, function(txn)
  -- Only the address that HAProxy itself sees: what callers write into X-Forwarded-For is left out.
  local response = core.httpclient():get({
    url = AUTHORIZE,
    dst = LIMITER,
    headers = {
      ["x-forwarded-method"] = { txn.sf:method() },
      ["x-forwarded-uri"] = { txn.sf:pathq() },
      ["x-forwarded-host"] = { txn.sf:req_hdr("host") },
      ["x-forwarded-for"] = { txn.sf:src() },
    },
  })
  if not response or not response.status or response.status >= 500 or response.status == 0 then
    txn:Warning("Limiter gave no decision: the request goes ahead")
    return
  end
  for header, name in pairs(HEADERS) do
    local value = last(response.headers and response.headers[header])
    if value then
      txn:set_var("txn.limit_" .. name, value)
    end
  end
  if response.status >= 400 then
    txn:set_var("txn.limit_status", response.status)
    txn:set_var("txn.limit_body", (response.body:gsub("%s+$", "")))
  end
end)
