-- Gives back what was charged to an upstream's window, as long as that lasts. Its letter in a receipt is u.
function refunds.u(key, cost, _, window)
  local learned = learned_at(key)
  if not learned or learned.window == 0 or learned.stop ~= window then
    return false
  end
  learned.remaining = math.min(learned.limit, learned.remaining + cost)
  commit_string(key, learned_state(learned), learned.forgotten)
  return true
end
