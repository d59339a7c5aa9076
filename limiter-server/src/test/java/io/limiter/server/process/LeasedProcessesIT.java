package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
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
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three processes that lease what they admit, on one Redis: never over the limit together, and no
 * more kept from the callers than the leases' sizes; and what one that is killed takes with it.
 */
class LeasedProcessesIT {
  private static final int LIMIT = 2_000;
  private static final int SIZE = 40;
  private static final int CALLERS = 24;
  private static final int BATCH = 8;
  private static final int RATE_PER_SECOND = 50;
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final String RULES =
      """
      domain: leased
      rules:
        - { name: f, key: [user], when: {use: window}, algorithm: fixed-window, limit: 2000, window: 366d, lease: { size: 2% } }
        - { name: t, key: [user], when: {use: bucket}, algorithm: token-bucket, rate: 50/s, burst: 2000, lease: { size: 2% } }
      """;

  @TempDir static Path rules;
  private static final List<ServerProcess> servers = new ArrayList<>();
  private static final List<LimiterClient> clients = new ArrayList<>();
  private static final ExecutorService callers = Executors.newFixedThreadPool(CALLERS);

  @BeforeAll
  static void start() throws IOException {
    Files.writeString(rules.resolve("leased.yaml"), RULES);
    for (int i = 0; i < 3; i++) {
      ServerProcess server = serve();
      servers.add(server);
      clients.add(LimiterClient.to(server.grpc()).deadline(PATIENCE).build());
    }
  }

  /** With a deadline that no busy machine misses. */
  private static ServerProcess serve() {
    return ServerProcess.serve(
        "--redis",
        TestRedis.shared().uri(),
        "--rules",
        rules.toString(),
        "--decision-deadline",
        "1m");
  }

  @AfterAll
  static void stop() {
    callers.shutdownNow();
    clients.forEach(LimiterClient::close);
    servers.forEach(ServerProcess::close);
  }

  private static CheckRequest about(String use) {
    return CheckRequest.in("leased")
        .attribute("use", use)
        .attribute("user", use + UUID.randomUUID());
  }

  @Test
  void together_neverOverTheLimit_andNearIt() throws Exception {
    CheckRequest window = about("window");
    long admitted = askTogether(window);
    assertTrue(admitted <= LIMIT && admitted >= LIMIT - 3 * SIZE, admitted + " of " + LIMIT);
    assertTrue(leasedDecisions() > 0, "no lease answered");

    CheckRequest bucket = about("bucket");
    long startNanos = System.nanoTime();
    long passed = askTogether(bucket);
    long refilled = (System.nanoTime() - startNanos) * RATE_PER_SECOND / 1_000_000_000 + 1;
    assertTrue(
        passed <= LIMIT + refilled && passed >= LIMIT - 3 * SIZE,
        passed + " of " + LIMIT + " and " + refilled);
  }

  @Test
  void killed_takesNoMoreThanALeaseWithIt_andEndedNothing() {
    for (boolean killed : List.of(true, false)) {
      ServerProcess server = serve();
      CheckRequest request = about("window");
      long admitted = 0;
      try (LimiterClient client = LimiterClient.to(server.grpc()).deadline(PATIENCE).build()) {
        for (int i = 0; i < 50; i++) {
          admitted += admitted(client, request);
        }
      }
      if (killed) {
        server.kill();
      } else {
        assertEquals(143, server.stop());
      }
      long remaining = remaining(request);
      long lost = LIMIT - admitted - remaining;
      assertTrue(lost >= 0 && lost <= (killed ? SIZE : 0), lost + " lost, killed: " + killed);
    }
  }

  @Test
  void idle_givesBack() {
    CheckRequest request = about("window");
    long admitted = 0;
    for (int i = 0; i < 20; i++) {
      admitted += admitted(clients.get(0), request);
    }
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (remaining(request) != LIMIT - admitted) {
      assertTrue(System.nanoTime() - end < 0, "not given back within a minute");
      LockSupport.parkNanos(10_000_000);
    }
  }

  private static long remaining(CheckRequest request) {
    Decision look = clients.get(1).check(request.cost(0));
    return assertInstanceOf(Decision.Admitted.class, look).statuses().get(0).quota().remaining();
  }

  private static long askTogether(CheckRequest request) throws Exception {
    List<Future<Long>> all = new ArrayList<>();
    for (int caller = 0; caller < CALLERS; caller++) {
      LimiterClient client = clients.get(caller % clients.size());
      all.add(
          callers.submit(
              () -> {
                long admitted = 0;
                for (int asked = 0; asked < 2 * LIMIT / CALLERS; asked += BATCH) {
                  admitted += admitted(client, request);
                }
                return admitted;
              }));
    }
    long admitted = 0;
    for (Future<Long> one : all) {
      admitted += one.get();
    }
    return admitted;
  }

  private static long admitted(LimiterClient client, CheckRequest request) {
    long admitted = 0;
    for (Decision decision : client.checkAll(Collections.nCopies(BATCH, request))) {
      if (decision instanceof Decision.Unreachable unreachable) {
        throw new AssertionError("no answer", unreachable.cause());
      }
      admitted += decision.allowed() ? 1 : 0;
    }
    return admitted;
  }

  private static double leasedDecisions() throws IOException, InterruptedException {
    double all = 0;
    for (ServerProcess server : servers) {
      String metrics =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create("http://" + server.http() + "/metrics"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      all +=
          metrics
              .lines()
              .filter(line -> line.startsWith("limiter_decisions_total"))
              .filter(line -> line.contains("source=\"lease\""))
              .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
              .sum();
    }
    return all;
  }
}
