package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.testing.Await;
import io.limiter.testing.Signal;
import io.limiter.testing.TestRedis;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two processes of the service admit by their shares while Redis is away, and settle afterwards.
 */
class SettledProcessIT {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final List<String> ALGORITHMS =
      List.of("fixed-window", "sliding-log", "sliding-counter", "token-bucket", "leaky-bucket");
  private static final String RULES =
      """
      domain: away
      rules:
        - { name: probe, key: [probe], algorithm: fixed-window, limit: 1, window: 366d, on-redis-failure: open }
        - { name: fixed-window, key: [fixed-window], algorithm: fixed-window, limit: 100, window: 366d }
        - { name: sliding-log, key: [sliding-log], algorithm: sliding-log, limit: 100, window: 366d }
        - { name: sliding-counter, key: [sliding-counter], algorithm: sliding-counter, limit: 100, window: 366d }
        - { name: token-bucket, key: [token-bucket], algorithm: token-bucket, rate: 1/366d, burst: 100 }
        - { name: leaky-bucket, key: [leaky-bucket], algorithm: leaky-bucket, rate: 1/366d, capacity: 100 }
      """;

  @TempDir private Path rules = Path.of("");
  private TestRedis redis = TestRedis.ownProcess();
  private final List<ServerProcess> servers = new ArrayList<>();
  private final List<LimiterClient> clients = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    Files.writeString(rules.resolve("away.yaml"), RULES);
    for (int i = 0; i < 2; i++) {
      ServerProcess server =
          ServerProcess.serve("--redis", redis.uri(), "--rules", rules.toString());
      servers.add(server);
      clients.add(LimiterClient.to(server.grpc()).deadline(PATIENCE).build());
    }
    for (ServerProcess server : servers) {
      Await.until(() -> server.get("/metrics").contains("limiter_instances 2.0\n"));
    }
  }

  @AfterEach
  void stop() {
    clients.forEach(LimiterClient::close);
    servers.forEach(ServerProcess::close);
    redis.close();
  }

  private Decision askUnderKey(int server, String attribute, String key) {
    return clients
        .get(server)
        .check(CheckRequest.in("away").attribute(attribute, "keyed").idempotencyKey(key));
  }

  private Decision ask(int server, String attribute, String value, long cost) {
    return clients
        .get(server)
        .check(CheckRequest.in("away").attribute(attribute, value).cost(cost));
  }

  /** Until no question is sent any more, so that none is in doubt. */
  private void awaitAway() {
    for (int server = 0; server < servers.size(); server++) {
      int one = server;
      Await.until(
          () -> {
            boolean open = ask(one, "probe", "p", 1).source().name().equals("FAIL_OPEN");
            return open
                && servers.get(one).get("/metrics").contains("limiter_redis_connected 0.0\n");
          });
    }
  }

  private void admitAway(String user) {
    for (String algorithm : ALGORITHMS) {
      for (int i = 0; i < 12; i++) {
        Decision decision = ask(i < 7 ? 0 : 1, algorithm, user, 1);
        assertEquals("true LOCAL_FALLBACK", decision.allowed() + " " + decision.source());
      }
    }
  }

  /** As Redis says; a look charges nothing. */
  private void awaitRemaining(String user, long remaining) {
    for (String algorithm : ALGORITHMS) {
      Await.until(
          () -> {
            Decision look = ask(1, algorithm, user, 0);
            return look.source().name().equals("REDIS")
                && look.statuses().get(0).remaining() == remaining;
          });
    }
  }

  private long sum(String metric) {
    long sum = 0;
    for (ServerProcess server : servers) {
      Matcher value =
          Pattern.compile("(?m)^" + metric + "(\\{.*})? ([0-9.E]+)$")
              .matcher(server.get("/metrics"));
      while (value.find()) {
        sum += (long) Double.parseDouble(value.group(2));
      }
    }
    return sum;
  }

  private void assertAllSettled(long hits, int outages) {
    Await.until(() -> sum("limiter_fallback_settled_total") == hits);
    assertEquals(0, sum("limiter_fallback_unsettled_total"));
    assertEquals(0, sum("limiter_fallback_debts"));
    String line = "hits of 5 counters that were admitted while Redis was away";
    for (ServerProcess server : servers) {
      Await.until(() -> server.log().split(line, -1).length > outages);
      assertEquals(outages + 1, server.log().split(line, -1).length, "one line each");
    }
  }

  /** What was used before counts on; a Redis that comes back empty has nothing else. */
  @Test
  void afterAnOutage_redisIsChargedWithExactlyWhatWasAdmittedMeanwhile() throws Exception {
    for (String algorithm : ALGORITHMS) {
      assertTrue(ask(0, algorithm, "paused", 80).allowed());
    }
    Signal.send("STOP", redis.process());
    awaitAway();
    admitAway("paused");
    Signal.send("CONT", redis.process());
    awaitRemaining("paused", 8);
    assertAllSettled(60, 1);
    for (String algorithm : ALGORITHMS) {
      assertTrue(ask(1, algorithm, "paused", 8).allowed());
      assertEquals(false, ask(0, algorithm, "paused", 1).allowed());
    }

    int port = URI.create(redis.uri()).getPort();
    redis.close();
    awaitAway();
    admitAway("killed");
    redis = TestRedis.ownProcess(port);
    awaitRemaining("killed", 88);
    assertAllSettled(120, 2);
  }

  /**
   * Half of the questions are asked again, another instance, as Redis comes back: that has Redis
   * charge them, or finds that they are claimed. Some are asked at both while Redis is away.
   */
  @Test
  void whatHasAKey_isChargedOnce_whoeverIsAskedMeanwhile() throws Exception {
    Signal.send("STOP", redis.process());
    awaitAway();
    for (String algorithm : ALGORITHMS) {
      for (int i = 0; i < 12; i++) {
        assertTrue(askUnderKey(0, algorithm, algorithm + i).allowed());
      }
      assertEquals("LOCAL_FALLBACK", askUnderKey(1, algorithm, algorithm + 11).source().name());
    }
    Signal.send("CONT", redis.process());
    for (int i = 0; i < 6; i++) {
      for (String algorithm : ALGORITHMS) {
        assertTrue(askUnderKey(1, algorithm, algorithm + i).allowed());
      }
    }
    Await.until(() -> sum("limiter_fallback_debts") == 0);
    for (int i = 0; i < 12; i++) {
      for (String algorithm : ALGORITHMS) {
        assertTrue(askUnderKey(i % 2, algorithm, algorithm + i).allowed());
      }
    }
    for (String algorithm : ALGORITHMS) {
      Decision look = ask(1, algorithm, "keyed", 0);
      assertEquals("REDIS 88", look.source() + " " + look.statuses().get(0).remaining());
    }
    assertEquals(0, sum("limiter_fallback_unsettled_total"));
  }
}
