package io.limiter.server.faults;

import io.limiter.server.store.redis.SentinelRedis;
import io.limiter.testing.Await;
import java.util.List;

/** What Sentinels decide about three Redis. */
final class SentinelFaults {
  private final SentinelRedis redis;
  private int before;

  SentinelFaults(SentinelRedis redis) {
    this.redis = redis;
  }

  List<Fault> all() {
    return List.of(
        Fault.of("Sentinel: the primary is killed", this::kill, this::awaitNext).losing(),
        Fault.of(
                "Sentinel: SENTINEL FAILOVER",
                () -> {
                  redis.awaitWhole();
                  before = redis.primary();
                  redis.failover();
                },
                this::awaitNext)
            .losing());
  }

  private void kill() {
    before = redis.primary();
    redis.kill(before);
  }

  private void awaitNext() {
    Await.until(() -> redis.primary() != before);
  }

  /** Where the primary is that the Sentinels name. */
  List<String> primaries() {
    return List.of("redis://127.0.0.1:" + redis.primary());
  }
}
