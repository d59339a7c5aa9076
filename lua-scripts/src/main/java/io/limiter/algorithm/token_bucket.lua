-- Token bucket, the twin of TokenBucket.java: what is admitted goes ahead at once.
local token_bucket = { check = bucket_check, commit = commit_string, refund = bucket_refund, delays = false }
