package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.Window;
import io.limiter.ledger.Role;
import io.limiter.server.store.Charge;
import io.limiter.testing.TestRedis;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What quotas, credits and counted denials write to Redis, and how long it lives. */
class StoredRolesIT {
  private static final long DAY = 86_400_000_000L;

  private static StoreOnRedis redis;

  @BeforeAll
  static void connect() {
    redis = new StoreOnRedis(TestRedis.shared());
  }

  @AfterAll
  static void close() {
    redis.close();
  }

  @BeforeEach
  void empty() {
    redis.redis().flushall();
  }

  private static Charge charge(Charge.Entry... entries) {
    return new Charge.Whole(List.of(entries));
  }

  private static Charge counting(Charge.Entry... entries) {
    return new Charge.Counting(List.of(entries));
  }

  private static long ttlMillis(String key) {
    return redis.redis().pttl(StoreOnRedis.bytes(key));
  }

  @ParameterizedTest
  @EnumSource
  void denial_withQuotasShadowsAndCredits_writesNothing(Algorithm algorithm) {
    Limit limit = StoredKeysIT.limit(algorithm, 3, 300 * DAY);
    redis.decide("used", limit, 2);
    redis.decide("full", limit, 3);
    redis.decide("full too", limit, 3);
    Map<String, String> before = redis.dump();
    Charge.Entry credit = new Charge.Entry("used", limit, -1);
    Charge.Entry quota = new Charge.Entry(Role.QUOTA, "full", limit, 1);
    Charge.Entry other = new Charge.Entry(Role.QUOTA, "full too", limit, 1);
    Charge.Entry shadow = new Charge.Entry(Role.SHADOW, "new", limit, 1);
    assertFalse(redis.decide(charge(credit, quota, shadow, other)).admitted());
    Charge.Entry enforced = new Charge.Entry("full", limit, 1);
    Charge.Entry free = new Charge.Entry(Role.QUOTA, "new too", limit, 1);
    Charge.Entry tried = new Charge.Entry(Role.CANDIDATE, "tried", limit, 1);
    assertFalse(redis.decide(charge(credit, enforced, free, tried, shadow)).admitted());
    assertEquals(before, redis.dump());
  }

  @ParameterizedTest
  @EnumSource
  void credit_ofNothing_writesNothing(Algorithm algorithm) {
    Limit limit = StoredKeysIT.limit(algorithm, 3, 300 * DAY);
    assertTrue(redis.decide("never used", limit, -2).admitted());
    assertEquals(Map.of(), redis.dump());
  }

  @ParameterizedTest
  @EnumSource
  void credit_keepsATtlNoLonger_andDeletesWhatIsEmpty(Algorithm algorithm) {
    Limit limit = StoredKeysIT.limit(algorithm, 30, 300 * DAY);
    redis.decide("used", limit, 10);
    redis.decide("used", limit, 10);
    long before = ttlMillis("used");
    redis.decide("used", limit, -15);
    long after = ttlMillis("used");
    // A TTL is rounded up to a millisecond from wherever in one the clock stands.
    assertTrue(after > 0 && after <= before + 1, () -> after + " ms after " + before);
    if (algorithm == Algorithm.TOKEN_BUCKET || algorithm == Algorithm.LEAKY_BUCKET) {
      assertTrue(after <= before / 3, () -> after + " ms after " + before);
    }
    redis.decide("used", limit, -5);
    assertEquals(Map.of(), redis.dump());
  }

  /** What is charged in spite of a denial must not be charged again when the question is. */
  @Test
  void alternatives_ofWhichOneCannotBeRead_writeNothing() {
    Limit limit = FixedWindow.per(300 * DAY, 1);
    redis.decide("full", limit, 1);
    redis.redis().set(StoreOnRedis.bytes("foreign"), StoreOnRedis.bytes("x"));
    Map<String, String> before = redis.dump();
    Charge any =
        new Charge.Any(
            List.of(
                new Charge.Whole(
                    List.of(
                        new Charge.Entry("full", limit, 1),
                        new Charge.Entry(
                            Role.CANDIDATE, "tried", FixedWindow.per(300 * DAY, 9), 1))),
                new Charge.Whole(List.of(new Charge.Entry("foreign", limit, 1)))));
    CompletionException failure =
        assertThrows(
            CompletionException.class,
            () -> redis.store().decide(any).toCompletableFuture().join());
    assertTrue(failure.toString().contains("foreign"), failure::toString);
    assertEquals(before, redis.dump());
  }

  /** However much of a log goes back, Redis is busy for a few looks and one cut. */
  @Test
  void credit_ofALongLog_isACut() {
    Limit limit = new SlidingLog(1_000_000, 300 * DAY);
    for (int i = 0; i < 3_000; i++) {
      redis.decide("log", limit, 1);
    }
    redis.redis().configResetstat();
    redis.decide("log", limit, -2_900);
    String calls = redis.redis().info("commandstats");
    long commands = calls.lines().filter(line -> line.startsWith("cmdstat_l")).count();
    long looked =
        calls
            .lines()
            .filter(line -> line.startsWith("cmdstat_l"))
            .mapToLong(line -> Long.parseLong(line.replaceAll(".*:calls=(\\d+),.*", "$1")))
            .sum();
    assertTrue(commands > 0 && looked < 60, () -> looked + " commands on the log: " + calls);
    assertEquals(999_900, redis.decide("log", limit, 0).outcomes().get(0).remaining());
  }

  /** The first calendar window of a store is always asked for: it knows no time yet. */
  @Test
  void countDenied_thatMustAskForACalendarWindow_countsOnce() {
    Limit minute = FixedWindow.per(300 * DAY, 10);
    Limit month =
        new FixedWindow(10, new Window.Calendar(Window.Calendar.Unit.MONTH, ZoneId.of("UTC")));
    try (StoreOnRedis fresh = new StoreOnRedis(TestRedis.shared())) {
      var answer =
          fresh.decide(
              counting(
                  new Charge.Entry("span", minute, 1), new Charge.Entry("calendar", month, 1)));
      assertTrue(answer.admitted());
      assertEquals(9, answer.outcomes().get(0).remaining());
      assertEquals(9, answer.outcomes().get(1).remaining());
    }
  }

  @Test
  void countDenied_whereSomethingElseIsStored_writesNothing() {
    Limit limit = FixedWindow.per(300 * DAY, 10);
    redis.redis().set(StoreOnRedis.bytes("other"), StoreOnRedis.bytes("mine"));
    Map<String, String> before = redis.dump();
    assertEquals(Set.of("other"), before.keySet());
    Charge charge =
        counting(new Charge.Entry("first", limit, 1), new Charge.Entry("other", limit, 1));
    assertThrows(
        CompletionException.class, redis.store().decide(charge).toCompletableFuture()::join);
    assertEquals(before, redis.dump());
  }
}
