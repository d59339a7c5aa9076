package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.limiter.client.CheckRequest;
import io.limiter.client.CheckStream;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.testing.TestRedis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Three processes of the service on one Redis, 64 callers at once on one key, ten times the limit
 * asked for: what is admitted is what the rule says, whoever asks whom and how.
 */
class ThreeProcessesIT {
  private static final int LIMIT = 200;
  private static final int CALLERS = 64;
  private static final int ASKED = 10 * LIMIT;
  private static final int BATCH = 8;
  private static final int RATE_PER_SECOND = 50;
  private static final String RULES =
      """
      domain: exact
      rules:
        - { name: f, key: [user], when: {use: fixed-window}, algorithm: fixed-window, limit: 200, window: 366d }
        - { name: l, key: [user], when: {use: sliding-log}, algorithm: sliding-log, limit: 200, window: 300d }
        - { name: c, key: [user], when: {use: sliding-counter}, algorithm: sliding-counter, limit: 200, window: 366d }
        - { name: t, key: [user], when: {use: token-bucket}, algorithm: token-bucket, rate: 50/s, burst: 200 }
        - { name: b, key: [user], when: {use: leaky-bucket}, algorithm: leaky-bucket, rate: 50/s, capacity: 200 }
      """;

  @TempDir static Path rules;
  private static final List<ServerProcess> servers = new ArrayList<>();
  private static final List<LimiterClient> clients = new ArrayList<>();
  private static final ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
  private static RedisClient redis;
  private static StatefulRedisConnection<String, String> connection;

  /** How a caller asks. */
  enum Way {
    UNARY,
    BATCH,
    STREAM
  }

  @BeforeAll
  static void start() throws IOException {
    Files.writeString(rules.resolve("exact.yaml"), RULES);
    String uri = TestRedis.shared().uri();
    for (int i = 0; i < 3; i++) {
      ServerProcess server =
          ServerProcess.serve(
              "--redis", uri, "--rules", rules.toString(), "--decision-deadline", "1m");
      servers.add(server);
      clients.add(LimiterClient.to(server.grpc()).deadline(Duration.ofMinutes(1)).build());
    }
    redis = RedisClient.create(uri);
    connection = redis.connect();
  }

  @AfterAll
  static void stop() {
    callers.shutdownNow();
    clients.forEach(LimiterClient::close);
    servers.forEach(ServerProcess::close);
    connection.close();
    redis.shutdown(Duration.ZERO, Duration.ofSeconds(2));
  }

  static Stream<Arguments> everyAlgorithmInEveryWay() {
    return Stream.of(
            "fixed-window", "sliding-log", "sliding-counter", "token-bucket", "leaky-bucket")
        .flatMap(algorithm -> Stream.of(Way.values()).map(way -> Arguments.of(algorithm, way)));
  }

  @ParameterizedTest
  @MethodSource("everyAlgorithmInEveryWay")
  void admits_exactlyWhatTheRuleSays(String algorithm, Way way) throws Exception {
    CheckRequest request =
        CheckRequest.in("exact")
            .attribute("use", algorithm)
            .attribute("user", algorithm + way + UUID.randomUUID());
    boolean bucket = algorithm.endsWith("bucket");

    long beforeFirst = redisMicros();
    long admitted = admitted(clients.get(0).check(request));
    long afterFirst = redisMicros();
    admitted += askTogether(request, way);
    long beforeLook = redisMicros();
    Decision look = clients.get(1).check(request.cost(0));
    long afterLook = redisMicros();

    long remaining =
        assertInstanceOf(Decision.Admitted.class, look).statuses().get(0).quota().remaining();
    long taken = admitted + remaining;
    if (bucket) {
      long least = LIMIT + refilled(afterFirst, beforeLook) - 1;
      long most = LIMIT + refilled(beforeFirst, afterLook);
      String bounds =
          "%d admitted, %d left, of %d to %d".formatted(admitted, remaining, least, most);
      assertTrue(taken >= least && taken <= most, bounds);
      assertTrue(admitted >= LIMIT, bounds);
    } else {
      assertEquals(LIMIT, admitted);
      assertEquals(0, remaining);
    }
  }

  private static long refilled(long fromMicros, long toMicros) {
    return (toMicros - fromMicros) * RATE_PER_SECOND / 1_000_000;
  }

  private static long redisMicros() {
    List<String> time = connection.sync().time();
    return Long.parseLong(time.get(0)) * 1_000_000 + Long.parseLong(time.get(1));
  }

  private static long askTogether(CheckRequest request, Way way)
      throws InterruptedException, ExecutionException {
    List<Future<Long>> all = new ArrayList<>();
    for (int caller = 0; caller < CALLERS; caller++) {
      LimiterClient client = clients.get(caller % clients.size());
      int questions = ASKED / CALLERS + 1;
      all.add(callers.submit(() -> ask(client, request, way, questions)));
    }
    long admitted = 0;
    for (Future<Long> one : all) {
      admitted += one.get();
    }
    return admitted;
  }

  private static long ask(LimiterClient client, CheckRequest request, Way way, int questions) {
    long admitted = 0;
    try (CheckStream stream = client.stream()) {
      for (int asked = 0; asked < questions; asked += way == Way.UNARY ? 1 : BATCH) {
        if (way == Way.UNARY) {
          admitted += admitted(client.check(request));
        } else if (way == Way.BATCH) {
          List<CheckRequest> batch = java.util.Collections.nCopies(BATCH, request);
          admitted += client.checkAll(batch).stream().mapToLong(ThreeProcessesIT::admitted).sum();
        } else {
          admitted +=
              Stream.generate(() -> stream.check(request)).limit(BATCH).toList().stream()
                  .mapToLong(answer -> admitted(answer.orTimeout(60, TimeUnit.SECONDS).join()))
                  .sum();
        }
      }
    }
    return admitted;
  }

  private static long admitted(Decision decision) {
    if (decision instanceof Decision.Unreachable unreachable) {
      throw new AssertionError("no answer", unreachable.cause());
    }
    return decision.allowed() ? 1 : 0;
  }
}
