package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.ScriptOutputType;
import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.Window;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.Charges;
import io.limiter.server.store.StoreException;
import io.limiter.testing.Limits;
import io.limiter.testing.TestRedis;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is written to Redis, how large it is, and how long it lives. */
class StoredKeysIT {
  private static final long DAY = 86_400_000_000L;
  private static final List<Algorithm> ALL = List.of(Algorithm.values());

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

  static Limit limit(Algorithm algorithm, long most, long windowMicros) {
    return Limits.of(algorithm, most, windowMicros);
  }

  @ParameterizedTest
  @EnumSource
  void denial_writesNothing(Algorithm algorithm) {
    Limit limit = limit(algorithm, 3, 300 * DAY);
    redis.decide("k", limit, 3);
    Map<String, String> before = redis.dump();
    assertFalse(redis.decide("k", limit, 1).admitted());
    assertFalse(redis.decide("k", limit, 4).admitted());
    assertTrue(redis.decide("k", limit, 0).admitted());
    assertTrue(redis.decide("never used", limit, 0).admitted());
    assertEquals(before, redis.dump());
  }

  @ParameterizedTest
  @EnumSource
  void denialByOneOfAll_writesNothing(Algorithm denying) {
    List<Charge.Entry> all = new ArrayList<>();
    for (Algorithm algorithm : Algorithm.values()) {
      long most = algorithm == denying ? 2 : 100;
      all.add(new Charge.Entry("k" + algorithm, limit(algorithm, most, 300 * DAY), 1));
    }
    List<Charge.Entry> shadow =
        List.of(new Charge.Entry("shadow", limit(Algorithm.TOKEN_BUCKET, 100, DAY), 1));
    Charge charge = Charges.of(all, shadow, false, null);
    assertTrue(redis.decide(charge).admitted());
    assertTrue(redis.decide(charge).admitted());
    Map<String, String> before = redis.dump();
    assertEquals(all.size() + shadow.size(), before.size());
    Charge again =
        Charges.of(
            all, shadow, true, new Charge.Idempotency("limiter:{d|idempotency}:x", "a question"));
    for (Charge denied : List.of(charge, again)) {
      assertFalse(redis.decide(denied).admitted());
      assertEquals(before, redis.dump());
    }
  }

  @Test
  void everyKey_hasATtl_andDies() {
    Random random = new Random(7);
    List<CompletableFuture<?>> answers = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      Algorithm algorithm = ALL.get(random.nextInt(ALL.size()));
      Limit limit = limit(algorithm, 1 + random.nextInt(20), 1_000 + random.nextInt(500_000));
      Charge.Entry entry =
          new Charge.Entry(
              "k%s:%d".formatted(algorithm, random.nextInt(50)), limit, random.nextInt(4));
      Charge.Idempotency idempotency =
          random.nextInt(10) > 0 ? null : new Charge.Idempotency("idempotency:" + i, "asked");
      boolean receipt = random.nextInt(4) == 0;
      boolean shadow = random.nextInt(5) == 0;
      Charge charge =
          Charges.of(
              shadow ? List.of() : List.of(entry),
              shadow ? List.of(entry) : List.of(),
              receipt,
              idempotency);
      answers.add(redis.store().decide(charge).toCompletableFuture());
    }
    answers.forEach(CompletableFuture::join);
    redis.redis().keys("*").forEach(StoredKeysIT::assertExpires);
    for (byte[] key : redis.redis().keys("idempotency:*")) {
      redis.redis().pexpire(key, 1); // the only keys of this workload that live for a minute
    }
    StoreOnRedis.await(() -> redis.redis().dbsize() == 0);
  }

  private static void assertExpires(byte[] key) {
    assertTrue(
        redis.redis().pttl(key) != -1,
        () -> new String(key, StandardCharsets.UTF_8) + " never expires");
  }

  @Test
  void somethingElseAtAKey_failsItsQuestionAlone_andIsKept() {
    redis.redis().lpush(StoreOnRedis.bytes("list"), StoreOnRedis.bytes("mine"));
    redis.redis().set(StoreOnRedis.bytes("string"), StoreOnRedis.bytes("mine"));
    redis.redis().sadd(StoreOnRedis.bytes("set"), StoreOnRedis.bytes("mine"));
    Map<String, String> before = redis.dump();
    for (Algorithm algorithm : Algorithm.values()) {
      for (String key : before.keySet()) {
        Limit limit = limit(algorithm, 3, DAY);
        CompletableFuture<?> broken =
            redis.store().decide(StoreOnRedis.charge(key, limit, 1)).toCompletableFuture();
        CompletableFuture<?> sound =
            redis.store().decide(StoreOnRedis.charge("sound", limit, 0)).toCompletableFuture();
        StoreException failure =
            assertInstanceOf(
                StoreException.class,
                assertThrows(CompletionException.class, broken::join).getCause());
        assertEquals(StoreException.Kind.UNREADABLE, failure.kind());
        assertEquals(
            "the Redis key "
                + key
                + " holds what this version did not write; see who writes it (TYPE, DUMP),"
                + " and give Limiter a Redis of its own",
            failure.getMessage());
        sound.join();
      }
    }
    assertEquals(before, redis.dump());
  }

  @Test
  void somethingElseAtAnIdempotencyKey_failsItsQuestionAlone_andIsKept() {
    redis.redis().lpush(StoreOnRedis.bytes("list"), StoreOnRedis.bytes("mine"));
    redis.redis().set(StoreOnRedis.bytes("text"), StoreOnRedis.bytes("mine"));
    redis.redis().set(StoreOnRedis.bytes("cut short"), new byte[] {(byte) 0x95, 1});
    redis.redis().set(StoreOnRedis.bytes("short list"), new byte[] {(byte) 0x91, 1});
    redis.redis().set(StoreOnRedis.bytes("empty"), new byte[0]);
    Map<String, String> before = redis.dump();
    Limit limit = limit(Algorithm.FIXED_WINDOW, 3, DAY);
    for (String key : before.keySet()) {
      Charge charge =
          Charges.of(
              List.of(new Charge.Entry("counter", limit, 1)),
              List.of(),
              false,
              new Charge.Idempotency(key, "print"));
      StoreException failure =
          assertInstanceOf(
              StoreException.class,
              assertThrows(
                      CompletionException.class,
                      redis.store().decide(charge).toCompletableFuture()::join)
                  .getCause());
      assertEquals(
          "the Redis key "
              + key
              + " holds what this version did not write; see who writes it (TYPE, DUMP),"
              + " and give Limiter a Redis of its own",
          failure.getMessage());
    }
    assertEquals(before, redis.dump());
  }

  @Test
  void calendarWindows_areThoseOfTheTimeByRedis() {
    for (Window.Calendar.Unit unit : Window.Calendar.Unit.values()) {
      FixedWindow limit = new FixedWindow(2, new Window.Calendar(unit, ZoneId.of("Europe/Berlin")));
      Answer.Decided first;
      Answer.Decided second;
      Answer.Decided third;
      do { // once more if a window ended meanwhile
        redis.redis().flushall();
        first = redis.decide("calendar " + unit, limit, 1);
        second = redis.decide("calendar " + unit, limit, 1);
        third = redis.decide("calendar " + unit, limit, 1);
      } while (limit.window().endOf(first.nowMicros()) != limit.window().endOf(third.nowMicros()));
      assertTrue(first.admitted());
      assertTrue(second.admitted());
      assertEquals(
          limit.window().endOf(second.nowMicros()) - second.nowMicros(),
          second.outcomes().get(0).resetAfterMicros());
      assertFalse(third.admitted());
    }
  }

  /** In a Redis of its own: one reuses the memory of arguments, so it tells what came before. */
  @ParameterizedTest
  @EnumSource
  void bytesOfAKey_areFew(Algorithm algorithm) {
    String key = "limiter:{edge|9f3a61c2}:per-user:%s:u-421".formatted(algorithm.letter());
    assertEquals(40, key.length());
    try (TestRedis own = TestRedis.ownProcess();
        StoreOnRedis store = new StoreOnRedis(own)) {
      store.decide(key, limit(algorithm, 1_000_000, DAY), 1);
      long bytes = memoryUsage(store, key);
      System.out.printf("bytes a key of 40 characters, %s: %d%n", algorithm.label(), bytes);
      assertTrue(bytes <= 240, () -> algorithm + " takes " + bytes);
    }
  }

  @Test
  void log_takesAtMost16BytesARequest_from1000Up() {
    Limit limit = new SlidingLog(1_000_000, 300 * DAY);
    int logged = 0;
    for (int until : new int[] {100, 1_000, 1_024, 1_100, 1_500, 5_000}) {
      for (; logged < until; logged++) {
        redis.decide("log", limit, 1);
      }
      long entries = redis.redis().llen(StoreOnRedis.bytes("log")) - 1;
      long bytes = memoryUsage(redis, "log");
      System.out.printf(
          "bytes of a log of %d requests: %d, %.2f a request%n",
          entries, bytes, (double) bytes / entries);
      if (logged >= 1_000) {
        assertTrue(bytes <= 16 * entries, () -> bytes + " bytes for " + entries + " entries");
      }
    }
  }

  private static long memoryUsage(StoreOnRedis store, String key) {
    String script = "return redis.call('MEMORY', 'USAGE', KEYS[1], 'SAMPLES', 0)";
    Long bytes =
        store
            .redis()
            .eval(script, ScriptOutputType.INTEGER, new byte[][] {StoreOnRedis.bytes(key)});
    return bytes;
  }
}
