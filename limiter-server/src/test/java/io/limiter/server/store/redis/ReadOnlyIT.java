package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.server.store.StoreException;
import io.limiter.testing.TestRedis;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import java.net.URI;
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

  private static boolean isAnswered(RedisCounterStore store) {
    return ask(store).handle((answer, failed) -> failed == null).join();
  }

  private static void assertUnavailable(CompletableFuture<?> question) {
    CompletionException failed = assertThrows(CompletionException.class, question::join);
    StoreException known = assertInstanceOf(StoreException.class, failed.getCause());
    assertEquals(StoreException.Kind.UNAVAILABLE, known.kind(), known::toString);
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
      assertTrue(isAnswered(store));
      int before = connectionsMade(redis);

      redis.redis().replicaof("127.0.0.1", NOBODY);
      assertUnavailable(ask(store));
      StoreOnRedis.await(() -> connectionsMade(redis) > before);
      long start = System.nanoTime();
      while (System.nanoTime() - start < 2 * SECOND_NANOS) {
        assertUnavailable(ask(store));
      }
      int made = connectionsMade(redis) - before;
      // At once, and after 20, 40, 80, 160, 320 and 640 ms, each with a second more to spare.
      long seconds = (System.nanoTime() - start) / SECOND_NANOS;
      assertTrue(made >= 2 && made <= 7 + seconds, made + " connections");

      redis.redis().replicaofNoOne();
      StoreOnRedis.await(() -> isAnswered(store));
      assertTrue(store.connected());
    }
  }

  @Test
  void aReplica_isNotConnected_untilTheNextConnectionIsThere() {
    try (TestRedis own = TestRedis.ownProcess();
        StoreOnRedis redis = new StoreOnRedis(own)) {
      RedisCounterStore store = redis.store();
      redis.redis().replicaof("127.0.0.1", NOBODY);
      // The second of a row waits before it connects again.
      StoreOnRedis.await(
          () -> {
            assertUnavailable(ask(store));
            return !store.connected();
          });
      redis.redis().replicaofNoOne();
      StoreOnRedis.await(store::connected);
    }
  }

  @Test
  void aName_isLookedUpAgainForEachConnection() throws Exception {
    try (TestRedis own = TestRedis.ownProcess();
        NameServer names = new NameServer()) {
      int port = URI.create(own.uri()).getPort();
      try (RedisConnections connections =
          new RedisConnections(
              Patient.settings("redis://primary.test.:" + port),
              NameLookup.uncached(new SingletonDnsServerAddressStreamProvider(names.address())))) {
        StoreOnRedis.await(connections::connected);
        assertEquals(1, names.asked());
        connections.dropReadOnly(connections.get());
        StoreOnRedis.await(connections::connected);
        assertEquals(2, names.asked());
      }
    }
  }
}
