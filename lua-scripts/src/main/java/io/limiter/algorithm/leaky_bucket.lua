-- Leaky bucket, the twin of LeakyBucket.java: what is admitted waits until what is ahead has drained.
local leaky_bucket = { check = bucket_check, commit = commit_string, refund = bucket_refund, delays = true }
