package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.testing.Await;
import io.limiter.testing.TestRedis;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes of the service and a Redis that is killed, or paused, and comes back. */
class FallbackProcessIT {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int LIMIT = 10;
  private static final String RULES =
      """
      domain: away
      rules:
        - { name: o, key: [open], algorithm: fixed-window, limit: 1, window: 366d, on-redis-failure: open }
        - { name: c, key: [closed], algorithm: fixed-window, limit: 100, window: 366d, on-redis-failure: closed }
        - { name: l, key: [local], algorithm: fixed-window, limit: 10, window: 366d }
      """;

  @TempDir private Path rules = Path.of("");
  private TestRedis redis = TestRedis.ownProcess();
  private final List<ServerProcess> servers = new ArrayList<>();
  private final List<LimiterClient> clients = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    Files.writeString(rules.resolve("away.yaml"), RULES);
    for (int i = 0; i < 2; i++) {
      ServerProcess server =
          ServerProcess.serve("--redis", redis.uri(), "--rules", rules.toString());
      servers.add(server);
      clients.add(LimiterClient.to(server.grpc()).deadline(PATIENCE).build());
    }
    for (ServerProcess server : servers) {
      Await.until(() -> metrics(server).contains("limiter_instances 2.0\n"));
    }
  }

  @AfterEach
  void stop() {
    clients.forEach(LimiterClient::close);
    servers.forEach(ServerProcess::close);
    redis.close();
  }

  private static String metrics(ServerProcess server) {
    return server.get("/metrics");
  }

  private Decision ask(int server, String attribute, String value) {
    return clients.get(server).check(CheckRequest.in("away").attribute(attribute, value));
  }

  private void awaitSource(String source) {
    for (int server = 0; server < servers.size(); server++) {
      int one = server;
      Await.until(
          () -> ask(one, "open", "probe" + System.nanoTime()).source().name().equals(source));
    }
  }

  private void assertEachRuleAnswersForItself(String user) {
    int admitted = 0;
    for (int server = 0; server < servers.size(); server++) {
      for (int i = 0; i < 3; i++) {
        Decision open = ask(server, "open", user);
        assertEquals("true FAIL_OPEN", open.allowed() + " " + open.source());
        Decision closed = ask(server, "closed", user);
        assertEquals("false FAIL_CLOSED", closed.allowed() + " " + closed.source());
      }
      for (int i = 0; i < 2 * LIMIT; i++) {
        Decision local = ask(server, "local", user);
        assertEquals("LOCAL_FALLBACK", local.source().name());
        admitted += local.allowed() ? 1 : 0;
      }
    }
    assertEquals(LIMIT, admitted, "half of the limit each");
  }

  @Test
  void whileRedisIsDead_eachRuleAnswersForItself_andAfterwardsRedisDecidesAgain() {
    assertEquals("REDIS", ask(0, "local", "before").source().name());
    int port = URI.create(redis.uri()).getPort();
    redis.close();
    awaitSource("FAIL_OPEN");

    assertEachRuleAnswersForItself("dead");
    String ready = servers.get(0).get("/readyz");
    assertTrue(ready.startsWith("ready\n"), ready);
    assertTrue(ready.contains("each rule's on-redis-failure decides"), ready);
    assertTrue(
        metrics(servers.get(0))
            .contains("limiter_fallback_decisions_total{reason=\"unavailable\"}"));

    redis = TestRedis.ownProcess(port);
    awaitSource("REDIS");
    assertEquals("REDIS", ask(1, "local", "after").source().name());
    assertFalse(servers.get(0).get("/readyz").contains("on-redis-failure"));
  }

  @Test
  void whileRedisIsPaused_eachRuleAnswersForItself_andAfterwardsItDecidesAgain() throws Exception {
    signal("STOP");
    awaitSource("FAIL_OPEN");
    assertEachRuleAnswersForItself("paused");
    signal("CONT");
    awaitSource("REDIS");
  }

  private void signal(String signal) throws Exception {
    String[] kill = {"kill", "-" + signal, "" + redis.process().pid()};
    assertEquals(0, new ProcessBuilder(kill).start().waitFor());
  }
}
