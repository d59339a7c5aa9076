-- Leaky bucket, the twin of LeakyBucket.java: what is admitted waits until what is ahead has drained.
local bucket = bucket()
return { check = bucket.check, commit = commit_string, refund = bucket.refund, credit = bucket.credit, delays = true }
