package io.limiter.jmh;

import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.List;

/**
 * A token bucket in one script as tutorials show it: tokens and time in a hash, the clock of Redis,
 * fractions in doubles. Each decision is one EVALSHA, over one connection that all callers share.
 */
final class ScriptPeer implements PeerLimiter {
  /**
   * KEYS[1] the bucket; ARGV[1] tokens added per second, ARGV[2] the most it holds, ARGV[3] the
   * cost. Returns 1 when admitted, else 0.
   */
  private static final String SCRIPT =
      """
      local rate = tonumber(ARGV[1])
      local capacity = tonumber(ARGV[2])
      local cost = tonumber(ARGV[3])
      local time = redis.call('TIME')
      local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
      local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
      local tokens = tonumber(bucket[1]) or capacity
      local at = tonumber(bucket[2]) or now
      tokens = math.min(capacity, tokens + math.max(0, now - at) * rate)
      local admitted = 0
      if tokens >= cost then
        tokens = tokens - cost
        admitted = 1
      end
      redis.call('HMSET', KEYS[1], 'tokens', tokens, 'at', now)
      redis.call('EXPIRE', KEYS[1], math.ceil(capacity / rate) * 2)
      return admitted
      """;

  private static final String PER_SECOND = Long.toString(Peer.RATE / Peer.PERIOD.toSeconds());
  private static final String CAPACITY = Long.toString(Peer.RATE);

  private final List<String> keys;
  private final RedisClient client;
  private final RedisCommands<String, String> commands;
  private final String sha;

  ScriptPeer(String redis, List<String> keys) {
    this.keys = keys;
    client = RedisClient.create(redis);
    StatefulRedisConnection<String, String> connection = client.connect();
    commands = connection.sync();
    sha = commands.scriptLoad(SCRIPT);
  }

  @Override
  public boolean admits(int key) {
    String[] bucket = {keys.get(key)};
    Boolean admitted =
        commands.evalsha(sha, ScriptOutputType.BOOLEAN, bucket, PER_SECOND, CAPACITY, "1");
    return admitted;
  }

  @Override
  public void close() {
    client.close();
  }
}
