package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.client.OnUnreachable;
import io.limiter.testing.TestRedis;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program started over a directory in which one file is bad. */
class BadFileProcessIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path rules = Path.of("");

  @Test
  void theOtherFiles_areServed_andTheBadOneIsNamedEverywhere() throws Exception {
    Files.writeString(
        rules.resolve("shop.yaml"),
        """
        domain: shop
        rules:
          - { name: per-user, key: [user], algorithm: fixed-window, limit: 1, window: 366d }
        """);
    Files.writeString(rules.resolve("bad.yaml"), "domain: bad\nrules: [{}]\n");
    Files.writeString(rules.resolve("notes.txt"), "nothing");
    try (ServerProcess server =
            ServerProcess.serve(
                "--redis",
                TestRedis.shared().uri(),
                "--rules",
                rules.toString(),
                "--decision-deadline",
                "30s");
        LimiterClient client =
            LimiterClient.to(server.grpc())
                .deadline(PATIENCE)
                .onUnreachable(OnUnreachable.CLOSED)
                .build()) {
      String user = UUID.randomUUID().toString();
      assertInstanceOf(
          Decision.Admitted.class, client.check(CheckRequest.in("shop").attribute("user", user)));
      Decision.Unreachable refused =
          assertInstanceOf(
              Decision.Unreachable.class,
              client.check(CheckRequest.in("bad").attribute("user", user)));
      assertTrue(String.valueOf(refused.cause().getMessage()).contains("bad.yaml"));
      String page = get(server, "/rules");
      assertTrue(page.contains("bad.yaml:2:"), page);
      assertTrue(page.contains("notes.txt: it names no domain"), page);
      String metrics = get(server, "/metrics");
      assertTrue(
          metrics.contains("limiter_decision_failures_total{kind=\"rules_unreadable\"} 1.0"),
          metrics);
      assertTrue(server.log().contains("bad.yaml:2:"), server.log());
      assertTrue(server.log().contains("Left out of the rules: notes.txt"), server.log());
      assertEquals(143, server.stop());
    }
  }

  private static String get(ServerProcess server, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + server.http() + path))
            .timeout(PATIENCE)
            .build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
  }
}
