package io.limiter.jmh;

import com.google.common.collect.Lists;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.redisson.Redisson;
import org.redisson.api.RRateLimiter;
import org.redisson.api.RateType;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/**
 * Redisson's RRateLimiter with its client's own defaults: one script a decision over a pool of
 * connections. It notes each admission of the last period in a sorted set.
 */
final class RedissonPeer implements PeerLimiter {
  /** How many limiters are set at once. */
  private static final int CHUNK = 1_000;

  private final RedissonClient client;
  private final List<RRateLimiter> limiters;

  RedissonPeer(String redis, List<String> keys) {
    Config config = new Config();
    config.useSingleServer().setAddress(redis);
    client = Redisson.create(config);
    limiters = keys.stream().map(client::getRateLimiter).toList();
    for (List<RRateLimiter> chunk : Lists.partition(limiters, CHUNK)) {
      CompletableFuture.allOf(
              chunk.stream()
                  .map(
                      limiter ->
                          limiter
                              .trySetRateAsync(RateType.OVERALL, Peer.RATE, Peer.PERIOD)
                              .toCompletableFuture())
                  .toArray(CompletableFuture<?>[]::new))
          .join();
    }
  }

  @Override
  public boolean admits(int key) {
    return limiters.get(key).tryAcquire(1);
  }

  @Override
  public void close() {
    client.shutdown();
  }
}
