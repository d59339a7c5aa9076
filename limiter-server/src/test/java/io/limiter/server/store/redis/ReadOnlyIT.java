package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.server.store.StoreException;
import io.limiter.testing.TestRedis;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What happens when the Redis that is connected becomes a replica, as after a failover. */
class ReadOnlyIT {
  private static final Limit PLENTY = FixedWindow.per(366 * 86_400_000_000L, 1L << 40);
  private static final long SECOND_NANOS = 1_000_000_000;

  /** A port where nobody listens. */
  private static final int NOBODY = 1;

  private static CompletableFuture<?> ask(RedisCounterStore store) {
    return store.decide(StoreOnRedis.charge("k", PLENTY, 1)).toCompletableFuture();
  }

  private static void assertReadOnly(CompletableFuture<?> question) {
    CompletionException failed = assertThrows(CompletionException.class, question::join);
    StoreException known = assertInstanceOf(StoreException.class, failed.getCause());
    assertEquals(StoreException.Kind.READ_ONLY, known.kind(), known::toString);
  }

  private static int connectionsMade(StoreOnRedis redis) {
    String stats = redis.redis().info("stats");
    Matcher made = Pattern.compile("total_connections_received:([0-9]+)").matcher(stats);
    assertTrue(made.find(), stats);
    return Integer.parseInt(made.group(1));
  }

  @Test
  void aReplica_isLeft_withOneAttemptAfterAnother_untilItIsThePrimaryAgain() {
    try (TestRedis own = TestRedis.ownProcess();
        StoreOnRedis redis = new StoreOnRedis(own)) {
      RedisCounterStore store = redis.store();
      assertTrue(StoreOnRedis.isAnswered(store));
      int before = connectionsMade(redis);

      redis.redis().replicaof("127.0.0.1", NOBODY);
      assertReadOnly(ask(store));
      StoreOnRedis.await(() -> connectionsMade(redis) > before);
      long start = System.nanoTime();
      while (System.nanoTime() - start < 2 * SECOND_NANOS) {
        assertReadOnly(ask(store));
      }
      int made = connectionsMade(redis) - before;
      // After 20, 40, 80, 160, 320 and 640 ms, each less a half at most, and then two a second.
      long seconds = (System.nanoTime() - start) / SECOND_NANOS;
      assertTrue(made >= 2 && made <= 8 + 2 * seconds, made + " connections");

      redis.redis().replicaofNoOne();
      StoreOnRedis.await(() -> StoreOnRedis.isAnswered(store));
      assertTrue(store.connected());
    }
  }

  @Test
  void aReplica_isNotConnected_andSaysSo_untilItIsThePrimary() {
    try (TestRedis own = TestRedis.ownProcess();
        StoreOnRedis redis = new StoreOnRedis(own)) {
      RedisCounterStore store = redis.store();
      redis.redis().replicaof("127.0.0.1", NOBODY);
      assertReadOnly(ask(store));
      int before = connectionsMade(redis);
      StoreOnRedis.await(
          () -> {
            assertFalse(store.connected());
            assertTrue(
                store.state().startsWith(own.uri() + " is a read-only replica: READONLY "),
                store::state);
            return connectionsMade(redis) > before + 2;
          });
      redis.redis().replicaofNoOne();
      StoreOnRedis.await(store::connected);
      assertEquals(own.uri() + " is connected", store.state());
    }
  }

  @Test
  void aReplica_isFoundOutBeforeAnybodyAsks() {
    try (TestRedis own = TestRedis.ownProcess();
        StoreOnRedis redis = new StoreOnRedis(own)) {
      redis.redis().replicaof("127.0.0.1", NOBODY);
      int before = connectionsMade(redis);
      try (RedisCounterStore late =
          RedisCounterStore.connect(Patient.settings(own.uri()), StoreListener.NONE)) {
        StoreOnRedis.await(() -> connectionsMade(redis) > before + 2);
        assertFalse(late.connected());
        assertReadOnly(ask(late));
      }
    }
  }
}
