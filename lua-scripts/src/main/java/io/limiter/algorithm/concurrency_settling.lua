-- Settling a concurrency limit, the twin of ConcurrencyLimit.settle. It charges nothing: what was admitted
-- without the counter has no hold in it, and nobody would give it back.
function settle.h(_, _, first, last)
  local gone = 0
  for i = first, last, 2 do
    gone = gone + tonumber(ARGV[i + 1])
  end
  return ADMITTED, 0, gone
end
