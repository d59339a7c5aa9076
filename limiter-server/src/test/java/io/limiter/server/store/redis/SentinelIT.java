package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.server.fault.Cause;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.StoreException.Kind;
import io.limiter.server.store.endpoint.Credentials;
import io.limiter.server.store.endpoint.RedisEndpoint;
import io.limiter.testing.Await;
import io.limiter.testing.Signal;
import io.limiter.testing.TestRedis;
import io.limiter.testing.Wire;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The primary that Sentinels name is asked, and no other for long. In order: setting up is slow.
 */
@Timeout(180)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SentinelIT {
  private static final Limit PLENTY = FixedWindow.per(366 * 86_400_000_000L, 1L << 40);

  @TempDir private static Path temp;
  private static SentinelRedis redis;

  /** What became of questions, by the kind of failure. */
  private final Map<Kind, Integer> failures = new EnumMap<>(Kind.class);

  private int asked;

  @BeforeAll
  static void start() throws Exception {
    redis = new SentinelRedis(temp);
  }

  @AfterAll
  static void end() {
    redis.close();
  }

  private static RedisCounterStore store(String uri) {
    return RedisCounterStore.connect(
        RedisSettings.of(uri, Duration.ofMillis(100)), StoreListener.NONE);
  }

  private boolean isAnswered(RedisCounterStore store) {
    asked++;
    return store
        .decide(StoreOnRedis.charge("k", PLENTY, 1))
        .handle(
            (answer, failed) -> {
              if (failed != null) {
                Kind kind =
                    Cause.of(failed) instanceof StoreException known ? known.kind() : Kind.INTERNAL;
                failures.merge(kind, 1, Integer::sum);
              }
              return failed == null;
            })
        .toCompletableFuture()
        .join();
  }

  /**
   * Until the primary that the Sentinels name answers. They are asked each time: on a machine that
   * stands still for half a second they name yet another one.
   */
  private void awaitNextPrimary(RedisCounterStore store, int old, String after, long startNanos) {
    StoreOnRedis.await(() -> redis.primary() != old);
    awaitAnswerOf(store, redis::primary, after, startNanos);
  }

  private void awaitAnswerOf(
      RedisCounterStore store, IntSupplier port, String after, long startNanos) {
    Await.until(
        () -> isAnswered(store) && store.state().contains(":" + port.getAsInt() + ")"),
        () -> after + ", and " + port.getAsInt() + " is the primary, but " + store.state());
    System.out.printf(
        "SentinelIT: %s: the new primary decides after %d ms; of %d questions failed %s%n",
        after, (System.nanoTime() - startNanos) / 1_000_000, asked, failures);
    assertFalse(failures.containsKey(Kind.INTERNAL), failures::toString);
  }

  @Test
  @Order(1)
  void aPrimaryThatIsKilled_isFollowedByTheNext() throws Exception {
    redis.awaitWhole();
    int old = redis.primary();
    try (RedisCounterStore store = store(redis.uri())) {
      StoreOnRedis.await(() -> isAnswered(store));
      assertEquals(redis.uri() + " (primary 127.0.0.1:" + old + ") is connected", store.state());
      long start = System.nanoTime();
      redis.kill(old);
      StoreOnRedis.await(() -> isAnswered(store) && store.connected());
      awaitNextPrimary(store, old, "primary killed", start);
    }
  }

  /** What was sent to it before may still be run there; nothing that is asked afterwards is. */
  @Test
  @Order(2)
  void aPrimaryThatWasPaused_andIsBack_isNotAskedAgain() throws Exception {
    redis.awaitWhole();
    int old = redis.primary();
    try (RedisCounterStore store = store(redis.uri())) {
      StoreOnRedis.await(() -> isAnswered(store));
      long before = SentinelRedis.scriptCalls(old);
      asked = 0;
      failures.clear();
      long start = System.nanoTime();
      Signal.send("STOP", redis.process(old));
      awaitNextPrimary(store, old, "primary paused", start);
      int sentBefore = asked;
      Signal.send("CONT", redis.process(old));
      StoreOnRedis.await(
          () -> isAnswered(store) && Wire.ask(old, "INFO replication").contains("role:slave"));
      assertTrue(asked > sentBefore);
      long run = SentinelRedis.scriptCalls(old) - before;
      assertTrue(run <= sentBefore - 1, run + " calls, of " + sentBefore + " questions before");
      assertFalse(store.state().contains(":" + old + ")"), store::state);
    }
  }

  @Test
  @Order(3)
  void aFailoverThatIsAskedFor_isFollowed_alsoWhileASentinelIsAway() throws Exception {
    redis.awaitWhole();
    int old = redis.primary();
    try (RedisCounterStore store = store(redis.uri())) {
      StoreOnRedis.await(() -> isAnswered(store));
      redis.kill(redis.firstSentinel());
      try (RedisCounterStore late = store(redis.uri())) {
        StoreOnRedis.await(() -> isAnswered(late));
      }
      long start = System.nanoTime();
      redis.failover();
      awaitNextPrimary(store, old, "SENTINEL FAILOVER", start);
    }
  }

  @Test
  @Order(4)
  void aNameThatNoSentinelKnows_andAPortThatIsNoSentinels_areSaid() {
    try (RedisCounterStore store = store(redis.uri().replace("#main", "#other"))) {
      StoreOnRedis.await(
          () ->
              store
                  .state()
                  .contains(
                      " knows no primary of the name behind #; write one that SENTINEL MASTERS"
                          + " lists"));
      assertTrue(
          store.state().startsWith(redis.uri().replace("#main", "#other") + " is not connected: "),
          store::state);
      assertFalse(isAnswered(store));
    }
    String noSentinel = "127.0.0.1:" + URI.create(TestRedis.shared().uri()).getPort();
    try (RedisCounterStore store = store("redis-sentinel://" + noSentinel + "#main")) {
      StoreOnRedis.await(
          () ->
              store
                  .state()
                  .endsWith(
                      noSentinel + " is no Sentinel; name the port of one, by default 26379"));
    }
  }

  /** The one of before takes writes all the same, as one does that is cut off with the service. */
  @Test
  @Order(5)
  void aConnectionToAnotherThanTheSentinelsName_isDropped_alsoByAUserWhoMayDoWhatTheManualLists()
      throws IOException {
    redis.askEachSentinel(
        "ACL SETUSER limiter on >pw resetchannels &+switch-master -@all +hello +ping +subscribe"
            + " +sentinel|get-master-addr-by-name +sentinel|master");
    redis.askEachSentinel("ACL SETUSER default resetpass >admin");
    Path password = Files.writeString(temp.resolve("password"), "pw");
    RedisEndpoint endpoint = RedisEndpoint.parse(redis.uri());
    try (RedisCounterStore store =
            RedisCounterStore.connect(
                RedisSettings.of(
                    endpoint.withSentinels(
                        Credentials.Files.ofSentinels(Optional.of("limiter"), password)),
                    Duration.ofMillis(100)),
                StoreListener.NONE);
        RedisCounterStore outside = store(redis.uri());
        TestRedis other = TestRedis.ownProcess()) {
      StoreOnRedis.await(() -> isAnswered(store));
      StoreOnRedis.await(
          () -> outside.state().contains("name that with --redis-sentinel-password-file"));
      int port = URI.create(other.uri()).getPort();
      long start = System.nanoTime();
      // All forget first: one that still knew the primary of before would tell the others.
      redis.askEachSentinel("AUTH admin\r\nSENTINEL REMOVE main");
      redis.askEachSentinel("AUTH admin\r\nSENTINEL MONITOR main 127.0.0.1 " + port + " 2");
      awaitAnswerOf(store, () -> port, "Sentinels name another", start);
    }
  }
}
