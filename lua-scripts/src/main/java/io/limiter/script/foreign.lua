-- foreign: what Redis says to a script that touches a key which is not declared. In a Redis Cluster, a
-- member refuses one of a slot that it does not hold.
--
-- ARGV[1]  the key.
-- Reply    the refusal; an empty text if there is none.
local said = redis.pcall('EXISTS', ARGV[1])
return type(said) == 'table' and said.err or ''
