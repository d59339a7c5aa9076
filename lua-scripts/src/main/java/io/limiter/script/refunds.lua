-- How each algorithm gives back, by the letter of its rows.
local refunds = {
  f = fixed_window_refund,
  F = fixed_window_refund,
  l = sliding_log_refund,
  c = sliding_counter_refund,
  t = bucket_refund,
  b = bucket_refund,
}
