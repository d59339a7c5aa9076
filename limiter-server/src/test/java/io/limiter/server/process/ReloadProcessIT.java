package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.testing.TestRedis;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules that change under the program as it runs. */
class ReloadProcessIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path rules = Path.of("");

  private final CheckRequest question =
      CheckRequest.in("shop").attribute("user", UUID.randomUUID().toString()).deadline(PATIENCE);

  private void limit(int limit) throws Exception {
    Files.writeString(
        rules.resolve("shop.yaml"),
        """
        domain: shop
        rules:
          - { name: per-user, key: [user], algorithm: fixed-window, limit: %d, window: 366d }
        """
            .formatted(limit));
  }

  @Test
  void aChange_isInForceWithoutARestart_andCountersOutliveIt() throws Exception {
    limit(2);
    try (ServerProcess server =
            ServerProcess.serve(
                "--redis",
                TestRedis.shared().uri(),
                "--rules",
                rules.toString(),
                "--rules-poll",
                "100ms",
                "--decision-deadline",
                "30s");
        LimiterClient client = LimiterClient.to(server.grpc()).deadline(PATIENCE).build()) {
      assertEquals(1, left(client.check(question)));
      assertEquals(0, left(client.check(question)));
      assertInstanceOf(Decision.Denied.class, client.check(question));

      limit(5);
      until(() -> client.check(question.cost(0)) instanceof Decision.Admitted a && left(a) == 3);

      Files.writeString(rules.resolve("shop.yaml"), "domain: shop\nrules:\n  - { nam: x }\n");
      until(() -> get(server, "/rules").contains("nam"));
      assertTrue(
          get(server, "/metrics").contains("limiter_rules_loads_total{outcome=\"bad\"} 1.0"));
      assertEquals(2, left(client.check(question)));

      limit(9);
      until(() -> left(client.check(question.cost(0))) == 6);
      assertTrue(get(server, "/rules").contains("\"problems\": []"));
    }
  }

  private static long left(Decision decision) {
    Decision.Admitted admitted = assertInstanceOf(Decision.Admitted.class, decision);
    return admitted.statuses().get(0).quota().remaining();
  }

  private static String get(ServerProcess server, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + server.http() + path)).build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private static void until(Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      assertTrue(System.nanoTime() < end, "waited for a minute");
    }
  }
}
