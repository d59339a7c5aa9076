package io.limiter.server.store.redis;

import io.limiter.server.store.CounterStore;
import io.limiter.server.store.HoldContract;
import io.limiter.testing.TestRedis;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The counters in Redis keep the laws of every store. */
class RedisCounterStoreIT extends HoldContract {
  private static StoreOnRedis redis;

  @BeforeAll
  static void connect() {
    redis = new StoreOnRedis(TestRedis.shared());
  }

  @AfterAll
  static void close() {
    redis.close();
  }

  @Override
  protected CounterStore store() {
    return redis.store();
  }
}
