package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.client.OnUnreachable;
import io.limiter.testing.TestRedis;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
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

  private final CheckRequest question =
      CheckRequest.in("shop").attribute("user", UUID.randomUUID().toString());

  private ServerProcess serve(String redis) {
    return ServerProcess.serve(
        "--redis", redis, "--rules", rules.toString(), "--decision-deadline", "30s");
  }

  private static LimiterClient client(ServerProcess server) {
    return LimiterClient.to(server.grpc())
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
      Decision early = client.check(question);
      assertFalse(early.allowed());
      assertInstanceOf(Decision.Unreachable.class, early);
      assertEquals(503, get(server, "/readyz"));
      assertEquals(200, get(server, "/livez"));
      try (TestRedis late = TestRedis.ownProcess(URI.create(uri).getPort())) {
        assertEquals(uri, late.uri());
        await(() -> client.check(question) instanceof Decision.Admitted);
        assertEquals(200, get(server, "/readyz"));
      }
      await(() -> client.check(question) instanceof Decision.Unreachable);
      assertEquals(200, get(server, "/livez"));
    }
  }

  @Test
  void stop_answersWhatItAccepted_andEndsByItself() {
    try (ServerProcess server = serve(TestRedis.shared().uri());
        ServerProcess other = serve(TestRedis.shared().uri());
        LimiterClient client = client(server);
        LimiterClient observer = client(other)) {
      List<CompletableFuture<Decision>> asked = new ArrayList<>();
      for (int i = 0; i < 2_000; i++) {
        asked.add(client.checkAsync(question));
      }
      asked.get(100).join();
      CompletableFuture<Integer> code = CompletableFuture.supplyAsync(server::stop);
      long admitted = asked.stream().map(CompletableFuture::join).filter(Decision::allowed).count();
      assertTrue(admitted > 0);
      code.join();
      assertTrue(server.log().contains("Shut down"), server.log());
      assertEquals(admitted, charged(observer), "every charge was answered");
    }
  }

  @Test
  void killedProcess_leavesTheLimitWhole() {
    try (ServerProcess killed = serve(TestRedis.shared().uri());
        ServerProcess other = serve(TestRedis.shared().uri());
        LimiterClient first = client(killed);
        LimiterClient second = client(other)) {
      AtomicBoolean ended = new AtomicBoolean();
      CompletableFuture<Long> admittedByFirst = drain(first, ended);
      CompletableFuture<Long> admittedBySecond = drain(second, new AtomicBoolean());
      await(() -> charged(second) > LIMIT / 20);
      killed.kill();
      ended.set(true);
      long admitted = admittedByFirst.join() + admittedBySecond.join();
      assertEquals(LIMIT, charged(second));
      assertTrue(admitted <= LIMIT, () -> admitted + " admitted");
      assertTrue(admitted > LIMIT / 20, () -> admitted + " admitted");
    }
  }

  /** Asks until it is denied or told to end; gives how many were admitted. */
  private CompletableFuture<Long> drain(LimiterClient client, AtomicBoolean ended) {
    return CompletableFuture.supplyAsync(
        () -> {
          long admitted = 0;
          while (!ended.get()) {
            List<CheckRequest> batch = java.util.Collections.nCopies(100, question);
            List<Decision> answers = client.checkAll(batch);
            admitted += answers.stream().filter(Decision::allowed).count();
            if (answers.stream().anyMatch(answer -> answer instanceof Decision.Denied)) {
              return admitted;
            }
          }
          return admitted;
        });
  }

  private long charged(LimiterClient client) {
    Decision.Admitted look =
        assertInstanceOf(Decision.Admitted.class, client.check(question.cost(0)));
    return LIMIT - look.statuses().get(0).quota().remaining();
  }

  private static int get(ServerProcess server, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + server.http() + path))
            .timeout(PATIENCE)
            .build();
    return HttpClient.newHttpClient()
        .send(request, HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - end < 0, "the condition did not come to hold");
      java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
    }
  }
}
