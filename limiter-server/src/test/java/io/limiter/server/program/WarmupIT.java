package io.limiter.server.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.RedisSettings;
import io.limiter.server.store.redis.StoreListener;
import io.limiter.testing.TestRedis;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A start asks much, and nobody finds anything of it afterwards. */
@Timeout(60)
class WarmupIT {
  /** Whatever a question or an answer of Redis counts in. */
  private static final Pattern COUNTS =
      Pattern.compile(
          "(?m)^(limiter_(?:decision|decisions|fallback|redis_batch|redis_failures|redis_expired"
              + "|redis_late|rls)[a-z_]*(?:_count|_total)(?:\\{[^}]*})?) (\\S+)$");

  private final HttpClient client = HttpClient.newHttpClient();

  @Test
  void itAsksRedis_andLeavesNothingThere() throws Exception {
    Duration minute = Duration.ofMinutes(1);
    try (TestRedis own = TestRedis.own();
        RedisClient asking = RedisClient.create(own.uri());
        StatefulRedisConnection<String, String> redis = asking.connect();
        RedisCounterStore store =
            RedisCounterStore.connect(RedisSettings.of(own.uri(), minute), StoreListener.NONE)) {
      warmUp(own, store, minute);
      long asked = asked(redis);
      assertTrue(asked > 100, () -> "asked " + asked + " times");
      for (String key : redis.sync().keys("*")) {
        assertTrue(key.startsWith("limiter:{limiter-warm-up"), key);
        assertTrue(redis.sync().pttl(key) <= 2_000, key);
      }
      while (!redis.sync().keys("*").isEmpty()) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void itTakesNoLongerThanItMay_andSaysWhatWasCutOff() throws Exception {
    try (TestRedis own = TestRedis.own();
        RedisClient asking = RedisClient.create(own.uri());
        StatefulRedisConnection<String, String> redis = asking.connect();
        RedisCounterStore store =
            RedisCounterStore.connect(
                RedisSettings.of(own.uri(), Duration.ofMinutes(1)), StoreListener.NONE)) {
      while (!store.connected()) {
        Thread.onSpinWait();
      }
      assertEquals("", logOf(() -> warmUp(own, store, Duration.ZERO)));
      assertEquals(0, asked(redis));
      String log = logOf(() -> warmUp(own, store, Duration.ofMillis(1)));
      assertTrue(log.contains("The warm-up was not through after 1 ms"), log);
    }
  }

  private static void warmUp(TestRedis redis, RedisCounterStore store, Duration most) {
    InetSocketAddress nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    Warmup.run(SampleService.settings(Optional.of(redis.uri()), most), store, nobody);
  }

  private static long asked(StatefulRedisConnection<String, String> redis) {
    return Pattern.compile("cmdstat_evalsha:calls=(\\d+)")
        .matcher(redis.sync().info("commandstats"))
        .results()
        .mapToLong(calls -> Long.parseLong(calls.group(1)))
        .sum();
  }

  @Test
  void metricsCountNothingOfIt() throws Exception {
    try (Service service = SampleService.start(TestRedis.shared().uri())) {
      assertNothingCounted(service);
    }
  }

  @Test
  void withoutRedis_rulesAnswer_andNobodyHearsOfIt() throws Exception {
    String log =
        logOf(
            () -> {
              try (Service service = SampleService.start("redis://127.0.0.1:1")) {
                assertNothingCounted(service);
              }
            });
    assertFalse(log.contains("does not decide"), log);
    assertFalse(log.contains("The warm-up"), log);
    assertFalse(log.contains("limiter-warm-up"), log);
  }

  private static String logOf(Work what) throws Exception {
    PrintStream before = System.err;
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
    try {
      what.execute();
    } finally {
      System.setErr(before);
    }
    return written.toString(StandardCharsets.UTF_8);
  }

  private interface Work {
    void execute() throws Exception;
  }

  private void assertNothingCounted(Service service) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + service.httpPort() + "/metrics");
    String metrics =
        client
            .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
            .body();
    List<MatchResult> counts = COUNTS.matcher(metrics).results().toList();
    assertTrue(counts.size() > 5, metrics);
    for (MatchResult count : counts) {
      assertEquals("0.0", count.group(2).replaceFirst("^0$", "0.0"), count.group(1));
    }
    assertFalse(metrics.contains("warm-up"), metrics);
  }
}
