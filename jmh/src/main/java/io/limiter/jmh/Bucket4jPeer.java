package io.limiter.jmh;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.github.bucket4j.distributed.proxy.optimization.Optimization;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.lettuce.core.RedisClient;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.time.Duration;
import java.util.List;

/**
 * bucket4j over Lettuce, over one connection that all callers share. A bucket's bytes are read,
 * changed here, and written back if nobody else wrote meanwhile. Otherwise it starts over.
 */
final class Bucket4jPeer implements PeerLimiter {
  private static final BucketConfiguration LIMIT =
      BucketConfiguration.builder()
          .addLimit(limit -> limit.capacity(Peer.RATE).refillGreedy(Peer.RATE, Peer.PERIOD))
          .build();

  /** How long a bucket is kept beyond the time in which it is full again. */
  private static final Duration KEPT = Duration.ofSeconds(10);

  private final RedisClient client;

  /** Made once: an optimization works among those who ask the same object only. */
  private final List<Bucket> buckets;

  Bucket4jPeer(String redis, List<String> keys, Optimization optimization) {
    client = RedisClient.create(redis);
    ProxyManager<String> manager =
        Bucket4jLettuce.casBasedBuilder(
                client.connect(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE)))
            .expirationAfterWrite(
                ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(KEPT))
            .build();
    buckets =
        keys.stream()
            .<Bucket>map(
                key -> manager.builder().withOptimization(optimization).build(key, () -> LIMIT))
            .toList();
  }

  @Override
  public boolean admits(int key) {
    return buckets.get(key).tryConsume(1);
  }

  @Override
  public void close() {
    client.close();
  }
}
