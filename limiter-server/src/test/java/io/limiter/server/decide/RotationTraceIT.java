package io.limiter.server.decide;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.limiter.server.store.redis.Patient;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.StoreListener;
import io.limiter.server.store.redis.TestCluster;
import io.limiter.testing.Await;
import io.limiter.testing.TestRedis;
import org.junit.jupiter.api.Test;

/**
 * While the secret of values is changed, everybody is told what they were told if it stayed. {@code
 * -Dlimiter.test.steps} and {@code -Dlimiter.test.seed} repeat a trace.
 */
class RotationTraceIT {
  private static final int STEPS = Integer.getInteger("limiter.test.steps", 4_000);
  private static final int TRACES = 4;
  private static final int SEED = Integer.getInteger("limiter.test.seed", 20_261_128);

  private static RedisCounterStore connected(String uri) {
    RedisCounterStore store = RedisCounterStore.connect(Patient.settings(uri), StoreListener.NONE);
    Await.until(store::connected);
    return store;
  }

  @Test
  void overOneRedis() {
    try (RedisCounterStore store = connected(TestRedis.shared().uri())) {
      for (int i = 0; i < TRACES; i++) {
        new RotationTrace(store, SEED + i, /* oneSlot= */ true).run(STEPS / TRACES);
      }
    }
  }

  /**
   * The two counters of a rule lie in two slots. Of several, candidates do not know all denials.
   */
  @Test
  void overACluster() {
    assumeTrue(TestCluster.isPossible(), "needs a redis-server on the PATH");
    try (TestCluster cluster = TestCluster.of(3, /* replicas= */ false);
        RedisCounterStore store = connected(cluster.uri())) {
      for (int i = 0; i < TRACES; i++) {
        new RotationTrace(store, SEED + i, /* oneSlot= */ false).run(STEPS / TRACES);
      }
    }
  }
}
