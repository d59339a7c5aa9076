package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.testing.TestRedis;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Gateways that ask processes of their own share one count in one Redis, by files that change. */
@Timeout(180)
class GatewayProcessIT {
  @TempDir Path rules;

  private final HttpClient http = HttpClient.newHttpClient();

  /** Other runs count in the same Redis. */
  private final String domain = "gateway-" + UUID.randomUUID();

  private void write(String file, String text) throws Exception {
    Path whole = Files.writeString(rules.resolve(file + ".tmp"), text);
    Files.move(
        whole,
        rules.resolve(file),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private void profile(String more) throws Exception {
    write(
        "gateways.yaml",
        "authorize: { web: { domain: %s, attributes: { ip: client-address }%s } }"
            .formatted(domain, more));
  }

  private ServerProcess serve() {
    return ServerProcess.serve(
        "--redis",
        TestRedis.shared().uri(),
        "--rules",
        rules.toString(),
        "--rules-poll",
        "100ms",
        "--decision-deadline",
        "30s");
  }

  private CompletableFuture<HttpResponse<String>> ask(ServerProcess server, String profile) {
    return http.sendAsync(
        HttpRequest.newBuilder(URI.create("http://" + server.http() + "/v1/authorize/" + profile))
            .header("X-Forwarded-For", UUID.randomUUID() + ", 198.51.100.7")
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** Without a header that says who asks. */
  private CompletableFuture<HttpResponse<String>> askAsNobody(ServerProcess server) {
    return http.sendAsync(
        HttpRequest.newBuilder(URI.create("http://" + server.http() + "/v1/authorize/web")).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private void until(ServerProcess server, String profile, int status) throws Exception {
    while (ask(server, profile).get().statusCode() != status) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  @Test
  void processesShareOneCount_andFollowTheirFiles() throws Exception {
    write(
        "rules.yaml",
        """
        domain: %s
        rules:
          - { name: per-ip, key: [ip], algorithm: fixed-window, limit: 10, window: 366d }
        """
            .formatted(domain));
    profile("");
    try (ServerProcess one = serve();
        ServerProcess other = serve()) {
      List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        answers.add(ask(i % 2 == 0 ? one : other, "web"));
      }
      int passed = 0;
      for (CompletableFuture<HttpResponse<String>> answer : answers) {
        HttpResponse<String> got = answer.get();
        passed += got.statusCode() == 200 ? 1 : 0;
        assertTrue(got.statusCode() == 200 || got.statusCode() == 429, () -> got + got.body());
      }
      assertEquals(10, passed);

      profile(", on-denial: { quota: 403 }");
      until(one, "web", 403);
      until(other, "web", 403);

      profile(", on-denial: { quota: 200 }");
      while (!one.log().contains("quota 200 is out of range; use 400 to 599")) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
      assertEquals(403, ask(one, "web").get().statusCode(), "as it was");

      profile(" }, api: { domain: " + domain + ", attributes: {}");
      until(one, "web", 429);
      until(one, "api", 200);
      assertEquals(404, ask(one, "no").get().statusCode());
      assertEquals(200, askAsNobody(one).get().statusCode(), "by its address");
    }
  }
}
