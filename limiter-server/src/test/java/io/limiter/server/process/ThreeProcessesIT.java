package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.limiter.client.CheckRequest;
import io.limiter.client.CheckStream;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.testing.TestRedis;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAnyRequest;
import io.limiter.v1.RateLimiterGrpc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Three processes of the service on one Redis, 64 callers at once on one key, ten times the limit
 * asked for: what is admitted is what the rule says, whoever asks whom and how.
 */
class ThreeProcessesIT {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
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
        - { name: t, key: [user], when: {use: token-bucket}, algorithm: token-bucket, rate: 1/d, burst: 200 }
        - { name: b, key: [user], when: {use: leaky-bucket}, algorithm: leaky-bucket, rate: 1/d, capacity: 200 }
        - { name: tf, key: [user], when: {use: fast-token-bucket}, algorithm: token-bucket, rate: 50/s, burst: 200 }
        - { name: p1, key: [pool], when: {member: first}, algorithm: fixed-window, limit: 100, window: 366d }
        - { name: p2, key: [pool], when: {member: second}, algorithm: sliding-log, limit: 50, window: 366d }
        - { name: p3, key: [pool], when: {member: third}, algorithm: token-bucket, rate: 1/d, burst: 10 }
        - { name: bf, key: [user], when: {use: fast-leaky-bucket}, algorithm: leaky-bucket, rate: 50/s, capacity: 200 }
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
      clients.add(LimiterClient.to(server.grpc()).deadline(PATIENCE).build());
    }
    redis = RedisClient.create(uri);
    connection = redis.connect();
    connection.setTimeout(PATIENCE);
  }

  @AfterAll
  static void stop() {
    callers.shutdownNow();
    clients.forEach(LimiterClient::close);
    servers.forEach(ServerProcess::close);
    connection.close();
    redis.shutdown(Duration.ZERO, Duration.ofSeconds(2));
  }

  /** What became of questions; those that got no answer may have been charged, each once. */
  private record Taken(long admitted, long unanswered) {
    Taken plus(Taken more) {
      return new Taken(admitted + more.admitted, unanswered + more.unanswered);
    }

    /**
     * Also with what is left: neither more than was there to take, nor less but for the unanswered.
     */
    void assertBetween(long least, long most, long remaining) {
      long all = admitted + remaining;
      assertTrue(
          all <= most && all + unanswered >= least,
          () -> "%s and %d left, of %d to %d".formatted(this, remaining, least, most));
    }
  }

  static Stream<Arguments> everyAlgorithmInEveryWay() {
    return inEveryWay(
        "fixed-window", "sliding-log", "sliding-counter", "token-bucket", "leaky-bucket");
  }

  static Stream<Arguments> fastBucketsInEveryWay() {
    return inEveryWay("fast-token-bucket", "fast-leaky-bucket");
  }

  private static Stream<Arguments> inEveryWay(String... uses) {
    return Stream.of(uses)
        .flatMap(use -> Stream.of(Way.values()).map(way -> Arguments.of(use, way)));
  }

  private static CheckRequest request(String use, Way way) {
    return CheckRequest.in("exact")
        .attribute("use", use)
        .attribute("user", use + way + UUID.randomUUID());
  }

  /** No window ends and no bucket gets a token back, however long the machine takes over it. */
  @ParameterizedTest
  @MethodSource("everyAlgorithmInEveryWay")
  void admits_exactlyWhatTheRuleSays(String use, Way way) throws Exception {
    CheckRequest request = request(use, way);
    Taken taken = askTogether(request, way);
    assertEquals(0, remaining(clients.get(1), request));
    taken.assertBetween(LIMIT, LIMIT, 0);
  }

  /**
   * A bucket that was emptied admits what flows back by the time of Redis. Nothing of that is lost
   * but while it is full, and once it was full, all that it holds was there to take.
   */
  @ParameterizedTest
  @MethodSource("fastBucketsInEveryWay")
  void emptiedBucket_admitsExactlyWhatFlowsBack(String use, Way way) throws Exception {
    CheckRequest request = request(use, way);
    long beforeEmptied = redisMicros();
    Decision emptied = clients.get(0).check(request.cost(LIMIT));
    while (emptied instanceof Decision.Unreachable) {
      request = request(use, way); // of the other one nobody knows what is left
      beforeEmptied = redisMicros();
      emptied = clients.get(0).check(request.cost(LIMIT));
    }
    assertInstanceOf(Decision.Admitted.class, emptied);
    long afterEmptied = redisMicros();
    Taken taken = askTogether(request, way);
    long beforeLook = redisMicros();
    long remaining = remaining(clients.get(1), request);
    long afterLook = redisMicros();
    taken.assertBetween(
        Math.min(LIMIT, refilled(afterEmptied, beforeLook)),
        refilled(beforeEmptied, afterLook),
        remaining);
  }

  /** The first that has room is charged, whichever process is asked: each fills up, none beyond. */
  @Test
  void alternatives_fillUpInTheirOrder() throws Exception {
    CheckAnyRequest.Builder any = CheckAnyRequest.newBuilder();
    String pool = UUID.randomUUID().toString();
    for (String member : List.of("first", "second", "third")) {
      any.addAlternatives(
          CheckAndConsumeRequest.newBuilder()
              .setDomain("exact")
              .putAttributes("pool", pool)
              .putAttributes("member", member));
    }
    List<ManagedChannel> channels =
        servers.stream()
            .map(
                server ->
                    Grpc.newChannelBuilder(server.grpc(), InsecureChannelCredentials.create())
                        .build())
            .toList();
    List<Future<Integer>> chosen = new ArrayList<>();
    for (int i = 0; i < 640; i++) {
      ManagedChannel channel = channels.get(i % channels.size());
      chosen.add(
          callers.submit(
              () ->
                  RateLimiterGrpc.newBlockingStub(channel)
                      .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                      .checkAny(any.build())
                      .getChosen()));
    }
    Map<Integer, Integer> times = new TreeMap<>();
    for (Future<Integer> one : chosen) {
      times.merge(one.get(), 1, Integer::sum);
    }
    channels.forEach(ManagedChannel::shutdownNow);
    assertEquals(Map.of(-1, 480, 0, 100, 1, 50, 2, 10), times);
  }

  private static long refilled(long fromMicros, long toMicros) {
    return (toMicros - fromMicros) * RATE_PER_SECOND / 1_000_000;
  }

  private static long redisMicros() {
    List<String> time = connection.sync().time();
    return Long.parseLong(time.get(0)) * 1_000_000 + Long.parseLong(time.get(1));
  }

  private static Taken askTogether(CheckRequest request, Way way)
      throws InterruptedException, ExecutionException {
    List<Future<Taken>> all = new ArrayList<>();
    for (int caller = 0; caller < CALLERS; caller++) {
      LimiterClient client = clients.get(caller % clients.size());
      int questions = ASKED / CALLERS + 1;
      all.add(callers.submit(() -> ask(client, request, way, questions)));
    }
    Taken taken = new Taken(0, 0);
    for (Future<Taken> one : all) {
      taken = taken.plus(one.get());
    }
    return taken;
  }

  /** Asks until so many questions are answered. */
  private static Taken ask(LimiterClient client, CheckRequest request, Way way, int questions) {
    Taken taken = new Taken(0, 0);
    try (CheckStream stream = client.stream()) {
      for (int answered = 0; answered < questions; ) {
        List<Decision> decisions = decisions(client, stream, request, way);
        long failed = decisions.stream().filter(ThreeProcessesIT::isUnreachable).count();
        long admitted = decisions.stream().filter(Decision.Admitted.class::isInstance).count();
        taken = taken.plus(new Taken(admitted, failed));
        answered += decisions.size() - (int) failed;
        if (failed > 0) {
          // So that no more go unanswered than were under way when Redis fell silent.
          remaining(client, request);
        }
      }
    }
    return taken;
  }

  private static List<Decision> decisions(
      LimiterClient client, CheckStream stream, CheckRequest request, Way way) {
    return switch (way) {
      case UNARY -> List.of(client.check(request));
      case BATCH -> client.checkAll(Collections.nCopies(BATCH, request));
      case STREAM ->
          Stream.generate(() -> stream.check(request)).limit(BATCH).toList().stream()
              .map(CompletableFuture::join)
              .toList();
    };
  }

  private static boolean isUnreachable(Decision decision) {
    return decision instanceof Decision.Unreachable;
  }

  /** What is left, as soon as it can be told: a look charges nothing, so it may be asked again. */
  private static long remaining(LimiterClient client, CheckRequest request) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    Decision look = client.check(request.cost(0));
    while (look instanceof Decision.Unreachable && System.nanoTime() - end < 0) {
      look = client.check(request.cost(0));
    }
    return assertInstanceOf(Decision.Admitted.class, look).statuses().get(0).quota().remaining();
  }
}
