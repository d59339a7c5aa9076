package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
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
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Callers of HTTP and of gRPC, at processes of their own, share one count in one Redis. */
class HttpProcessIT {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int LIMIT = 200;
  private static final int CALLERS = 32;
  private static final int EACH = 10 * LIMIT / CALLERS;

  @TempDir Path rules;

  private ServerProcess serve() throws Exception {
    Files.writeString(
        rules.resolve("exact.yaml"),
        """
        domain: exact
        rules:
          - { name: per-user, key: [user], algorithm: fixed-window, limit: 200, window: 366d }
        """);
    return ServerProcess.serve(
        "--redis",
        TestRedis.shared().uri(),
        "--rules",
        rules.toString(),
        "--decision-deadline",
        "1m");
  }

  private static HttpRequest question(ServerProcess server, String user) {
    return HttpRequest.newBuilder(URI.create("http://" + server.http() + "/v1/check"))
        .header("Content-Type", "application/json")
        .timeout(PATIENCE)
        .POST(
            HttpRequest.BodyPublishers.ofString(
                "{\"domain\":\"exact\",\"attributes\":{\"user\":\"" + user + "\"}}"))
        .build();
  }

  private static int ask(HttpClient http, HttpRequest question) throws Exception {
    int admitted = 0;
    for (int i = 0; i < EACH; i++) {
      HttpResponse<String> answer = http.send(question, HttpResponse.BodyHandlers.ofString());
      assertEquals(200, answer.statusCode(), answer::body);
      admitted +=
          JsonParser.parseString(answer.body()).getAsJsonObject().get("allowed").getAsBoolean()
              ? 1
              : 0;
    }
    return admitted;
  }

  private static int ask(LimiterClient grpc, CheckRequest question) {
    int admitted = 0;
    for (int i = 0; i < EACH; i++) {
      Decision decision = grpc.check(question);
      assertTrue(!(decision instanceof Decision.Unreachable), decision::toString);
      admitted += decision instanceof Decision.Admitted ? 1 : 0;
    }
    return admitted;
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void callersOfBoth_areAdmittedExactlyTheLimit(HttpClient.Version version) throws Exception {
    String user = version + "-" + UUID.randomUUID();
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    try (ServerProcess one = serve();
        ServerProcess other = serve();
        LimiterClient grpc = LimiterClient.to(other.grpc()).deadline(PATIENCE).build()) {
      HttpClient http = HttpClient.newBuilder().version(version).build();
      CheckRequest question = CheckRequest.in("exact").attribute("user", user);
      List<Future<Integer>> admitted = new ArrayList<>();
      for (int i = 0; i < CALLERS / 2; i++) {
        admitted.add(callers.submit(() -> ask(http, question(one, user))));
        admitted.add(callers.submit(() -> ask(grpc, question)));
      }
      int all = 0;
      for (Future<Integer> each : admitted) {
        all += each.get();
      }
      assertEquals(LIMIT, all);
    } finally {
      callers.shutdownNow();
    }
  }
}
