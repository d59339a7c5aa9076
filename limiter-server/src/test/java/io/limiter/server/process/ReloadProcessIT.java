package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.server.rules.live.RulesDir;
import io.limiter.testing.TestRedis;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules that change under the program as it runs. */
class ReloadProcessIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path rules = Path.of("");

  private final CheckRequest question =
      CheckRequest.in("shop").attribute("user", UUID.randomUUID().toString()).deadline(PATIENCE);

  private void limit(int limit) throws Exception {
    write(shop(limit));
  }

  /** At once: a file that is half written for long is read as it is, and is one more bad load. */
  private void write(String text) throws Exception {
    new RulesDir(rules).replace("shop.yaml", text);
  }

  /**
   * Asks until the service answers: it does not while Redis is silent for too long. The key has it
   * count once however often it is asked.
   */
  private static Decision check(LimiterClient client, CheckRequest question) {
    CheckRequest once = question.idempotencyKey(UUID.randomUUID().toString());
    long end = System.nanoTime() + PATIENCE.toNanos();
    Decision decision = client.check(once);
    while (decision instanceof Decision.Unreachable && System.nanoTime() - end < 0) {
      decision = client.check(once);
    }
    return decision;
  }

  private static String shop(int limit) {
    return """
        domain: shop
        rules:
          - { name: per-user, key: [user], algorithm: fixed-window, limit: %d, window: 366d }
        """
        .formatted(limit);
  }

  @Test
  void aChange_isInForceWithoutARestart_andCountersOutliveIt() throws Exception {
    limit(2);
    try (ServerProcess server = serve();
        LimiterClient client = LimiterClient.to(server.grpc()).deadline(PATIENCE).build()) {
      assertEquals(1, left(check(client, question)));
      assertEquals(0, left(check(client, question)));
      assertInstanceOf(Decision.Denied.class, check(client, question));

      limit(5);
      until(() -> check(client, question.cost(0)) instanceof Decision.Admitted a && left(a) == 3);

      write("domain: shop\nrules:\n  - { nam: x }\n");
      until(() -> get(server, "/rules").contains("nam"));
      assertTrue(
          get(server, "/metrics").contains("limiter_rules_loads_total{outcome=\"bad\"} 1.0"));
      assertEquals(2, left(check(client, question)));

      limit(9);
      until(() -> left(check(client, question.cost(0))) == 6);
      assertTrue(get(server, "/rules").contains("\"problems\": []"));
    }
  }

  @Test
  void aConfigMapThatIsSwapped_isInForce_andWhatIsWrongCanBeAskedWhileTheOldRuleDecides()
      throws Exception {
    RulesDir directory = new RulesDir(rules);
    directory.swap("shop.yaml", shop(2));
    try (ServerProcess server = serve();
        LimiterClient client = LimiterClient.to(server.grpc()).deadline(PATIENCE).build()) {
      Struct first = page(server);
      assertTrue(server.log().contains("SHA-256 " + text(first, "hash")), server.log());
      until(() -> get(server, "/readyz").lines().findFirst().orElseThrow().equals("ready"));
      assertFalse(get(server, "/readyz").contains("problem"));

      directory.swap("shop.yaml", shop(5));
      until(() -> left(check(client, question.cost(0))) == 5);
      Struct second = page(server);
      assertNotEquals(text(first, "hash"), text(second, "hash"));
      assertNotEquals(text(first, "loaded_at"), text(second, "loaded_at"));
      double loaded = metric(server, "limiter_rules_loaded_timestamp_seconds");

      directory.swap("shop.yaml", "domain: shop\nrules:\n  - { nam: x }\n");
      until(() -> metric(server, "limiter_rules_problems") > 0);
      assertEquals(4, left(check(client, question)));
      Struct bad = page(server);
      String problem = "shop.yaml:3:7: key \"nam\" is unknown; did you mean name?";
      assertEquals(text(second, "hash"), text(bad, "hash"), "what is in force");
      assertEquals(text(second, "loaded_at"), text(bad, "loaded_at"));
      assertEquals(second.getFieldsOrThrow("domains"), bad.getFieldsOrThrow("domains"));
      assertTrue(bad.getFieldsOrThrow("problems").toString().contains("did you mean name?"));
      Struct attempt = bad.getFieldsOrThrow("last_attempt").getStructValue();
      assertEquals("bad", text(attempt, "outcome"));
      assertEquals(1, metric(server, "limiter_rules_loads_total{outcome=\"bad\"}"));
      assertEquals(2, metric(server, "limiter_rules_loads_total{outcome=\"good\"}"));
      assertEquals(loaded, metric(server, "limiter_rules_loaded_timestamp_seconds"));
      assertEquals(1, metric(server, "limiter_rules_domains"));
      assertEquals(1, metric(server, "limiter_rules"));
      assertEquals(1, server.log().split(Pattern.quote(problem), -1).length - 1, "said once");
      String ready = get(server, "/readyz");
      assertTrue(
          ready.contains("1 domain, as loaded at " + text(second, "loaded_at")), () -> ready);

      directory.swap("shop.yaml", shop(5));
      until(() -> metric(server, "limiter_rules_problems") == 0);
      Struct mended = page(server);
      assertEquals(text(second, "loaded_at"), text(mended, "loaded_at"), "nothing changed");
      assertEquals(3, metric(server, "limiter_rules_loads_total{outcome=\"good\"}"));
    }
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

  private static Struct page(ServerProcess server) throws Exception {
    Struct.Builder page = Struct.newBuilder();
    JsonFormat.parser().merge(get(server, "/rules"), page);
    return page.build();
  }

  private static String text(Struct page, String field) {
    return page.getFieldsOrThrow(field).getStringValue();
  }

  private static double metric(ServerProcess server, String name) throws Exception {
    return get(server, "/metrics")
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
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
