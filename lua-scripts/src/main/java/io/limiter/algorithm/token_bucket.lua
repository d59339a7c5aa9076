-- Token bucket, the twin of TokenBucket.java: what is admitted goes ahead at once.
local bucket = bucket()
return { check = bucket.check, commit = commit_string, refund = bucket.refund, credit = bucket.credit, delays = false }
