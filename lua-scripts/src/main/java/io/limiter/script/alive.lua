-- alive: notes that an instance is there, and counts those that are.
--
-- KEYS[1]  all instances: a sorted set of their ids, by when each was heard of last, in microseconds.
-- ARGV[1]  the id of this instance.
-- ARGV[2]  how long after that an instance counts, in milliseconds.
-- Reply    how many count, this one among them.
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 1000 * ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])
