package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.client.OnUnreachable;
import io.limiter.client.Source;
import io.limiter.testing.TestRedis;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The service as a process: when Redis comes late, when it is told to end, and when it is killed.
 */
class ServeIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int LIMIT = 20_000;

  @TempDir Path rules;

  @BeforeEach
  void writeRules() throws IOException {
    Files.writeString(
        rules.resolve("shop.yaml"),
        """
        domain: shop
        rules:
          - { name: per-user, key: [user], algorithm: fixed-window, limit: 20000, window: 366d }
        """);
  }

  private final List<ManagedChannel> channels = new ArrayList<>();

  private final CheckRequest question =
      CheckRequest.in("shop").attribute("user", UUID.randomUUID().toString());

  @AfterEach
  void closeChannels() {
    channels.forEach(ManagedChannel::shutdownNow);
  }

  private ServerProcess serve(String redis) {
    return ServerProcess.serve(
        "--redis",
        redis,
        "--rules",
        rules.toString(),
        "--decision-deadline",
        "30s",
        "--shutdown-grace",
        "1m");
  }

  /**
   * A client without keep-alive: with it, the client's own kernel gives up a connection that a busy
   * server has not read from for five seconds, and the answers are lost on the client's side.
   */
  private LimiterClient client(ServerProcess server) {
    ManagedChannel channel =
        Grpc.newChannelBuilder(server.grpc(), InsecureChannelCredentials.create())
            .disableRetry()
            .build();
    channels.add(channel);
    return LimiterClient.over(channel)
        .deadline(PATIENCE)
        .onUnreachable(OnUnreachable.CLOSED)
        .build();
  }

  @Test
  void redisThatComesLate_isUsedWithoutARestart() throws Exception {
    String uri;
    try (TestRedis gone = TestRedis.ownProcess()) {
      uri = gone.uri();
    }
    try (ServerProcess server = serve(uri);
        LimiterClient client = client(server)) {
      assertEquals(Source.LOCAL_FALLBACK, client.check(question).source());
      assertEquals(200, get(server, "/readyz"));
      assertEquals(200, get(server, "/livez"));
      try (TestRedis late = TestRedis.ownProcess(URI.create(uri).getPort())) {
        assertEquals(uri, late.uri());
        await(() -> client.check(question).source() == Source.REDIS);
      }
      await(() -> client.check(question).source() == Source.LOCAL_FALLBACK);
      assertEquals(200, get(server, "/livez"));
    }
  }

  @Test
  void stop_answersWhatItAccepted_andEndsByItself() throws Exception {
    try (ServerProcess server = serve(TestRedis.shared().uri());
        ServerProcess other = serve(TestRedis.shared().uri());
        LimiterClient client = client(server);
        LimiterClient observer = client(other)) {
      Tally tally = new Tally();
      await(() -> tally.add(client.check(question)) instanceof Decision.Admitted);
      List<CompletableFuture<Decision>> asked = new ArrayList<>();
      for (int i = 0; i < 2_000; i++) {
        asked.add(client.checkAsync(question));
      }
      asked.get(100).join();
      CompletableFuture<Integer> code = CompletableFuture.supplyAsync(server::stop);
      asked.forEach(answer -> tally.add(answer.join()));
      code.join();
      assertTrue(server.log().contains("Shut down"), server.log());
      tally.assertEveryChargeIsAnswered(charged(observer), server);
    }
  }

  /** What became of questions. */
  private static final class Tally {
    private long admitted;
    private long undecided;
    private final Map<String, Integer> refusals = new TreeMap<>();

    Decision add(Decision decision) {
      if (decision instanceof Decision.Unreachable unreachable) {
        String why = unreachable.cause().getMessage();
        refusals.merge(why, 1, Integer::sum);
        undecided += why.contains("timeout: ") || why.contains("unavailable: ") ? 1 : 0;
      } else {
        admitted += decision.allowed() ? 1 : 0;
      }
      return decision;
    }

    /**
     * What is charged is what was admitted, and at most what the service answered that it could not
     * decide: if Redis was silent for half a second, it may still have charged these, each once.
     * What got no answer of the service's own, since it came too late, may not be charged.
     */
    void assertEveryChargeIsAnswered(long charged, ServerProcess server) {
      assertTrue(
          charged >= admitted && charged <= admitted + undecided,
          () -> charged + " charged, " + admitted + " admitted, " + refusals + server.log());
    }
  }

  @Test
  void killedProcess_leavesTheLimitWhole() throws Exception {
    try (ServerProcess killed = serve(TestRedis.shared().uri());
        ServerProcess other = serve(TestRedis.shared().uri());
        LimiterClient first = client(killed);
        LimiterClient second = client(other)) {
      AtomicBoolean ended = new AtomicBoolean();
      CompletableFuture<Drained> byFirst = drain(first, ended);
      CompletableFuture<Drained> bySecond = drain(second, new AtomicBoolean());
      await(() -> charged(second) > LIMIT / 20);
      killed.kill();
      ended.set(true);
      bySecond.join();
      assertEquals(LIMIT, charged(second));
      long admitted = byFirst.join().admitted() + bySecond.join().admitted();
      long unanswered = byFirst.join().unanswered() + bySecond.join().unanswered();
      assertTrue(admitted <= LIMIT, () -> admitted + " admitted");
      // However far a machine lets either come: what is charged and not admitted has no answer.
      assertTrue(
          admitted + unanswered >= LIMIT,
          () -> admitted + " admitted, " + unanswered + " unanswered");
    }
  }

  /**
   * What became of questions.
   *
   * @param unanswered those that may have been charged: all but those that never left, since nobody
   *     listened
   */
  private record Drained(long admitted, long unanswered) {}

  /** Asks until it is denied or told to end. */
  private CompletableFuture<Drained> drain(LimiterClient client, AtomicBoolean ended) {
    return CompletableFuture.supplyAsync(
        () -> {
          long admitted = 0;
          long unanswered = 0;
          boolean denied = false;
          while (!denied && !ended.get()) {
            for (Decision answer : client.checkAll(Collections.nCopies(100, question))) {
              admitted += answer.allowed() ? 1 : 0;
              unanswered += mayBeCharged(answer) ? 1 : 0;
              denied |= answer instanceof Decision.Denied;
            }
          }
          return new Drained(admitted, unanswered);
        });
  }

  private static boolean mayBeCharged(Decision decision) {
    return decision instanceof Decision.Unreachable unreachable
        && Stream.iterate((Throwable) unreachable.cause(), Objects::nonNull, Throwable::getCause)
            .noneMatch(cause -> cause instanceof ConnectException);
  }

  /** How much is charged; a look charges nothing, and may be asked until it is answered. */
  private long charged(LimiterClient client) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    Decision look = client.check(question.cost(0));
    while (look instanceof Decision.Unreachable && System.nanoTime() - end < 0) {
      look = client.check(question.cost(0));
    }
    Decision.Admitted answered = assertInstanceOf(Decision.Admitted.class, look);
    return LIMIT - answered.statuses().get(0).quota().remaining();
  }

  private static int get(ServerProcess server, String path)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + server.http() + path))
            .timeout(PATIENCE)
            .build();
    return HttpClient.newHttpClient()
        .send(request, HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      assertTrue(System.nanoTime() - end < 0, "the condition did not come to hold");
      java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
    }
  }
}
