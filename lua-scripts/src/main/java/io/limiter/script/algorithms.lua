-- What makes each algorithm, by the letter of its rows.
local algorithms = {
  f = fixed_window,
  F = fixed_window,
  l = sliding_log,
  c = sliding_counter,
  t = token_bucket,
  b = leaky_bucket,
}
