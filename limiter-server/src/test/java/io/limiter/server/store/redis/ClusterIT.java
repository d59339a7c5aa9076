package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.limiter.server.store.CounterStore;
import io.limiter.server.store.HoldContract;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The counters in a Redis Cluster keep the laws of every store, also over several slots. */
class ClusterIT extends HoldContract {
  private static @Nullable TestCluster cluster;
  private static @Nullable RedisCounterStore store;

  @BeforeAll
  static void connect() {
    assumeTrue(TestCluster.isPossible(), "needs a redis-server on the PATH");
    cluster = TestCluster.of(3, false);
    RedisCounterStore made =
        RedisCounterStore.connect(Patient.settings(cluster.uri()), StoreListener.NONE);
    store = made;
    StoreOnRedis.await(made::connected);
  }

  @AfterAll
  static void close() {
    if (store != null) {
      store.close();
    }
    if (cluster != null) {
      cluster.close();
    }
  }

  @Override
  protected CounterStore store() {
    return Objects.requireNonNull(store);
  }
}
