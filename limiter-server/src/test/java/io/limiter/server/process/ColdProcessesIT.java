package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.client.Source;
import io.limiter.testing.TestRedis;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three processes that start together, with default settings, and are asked as soon as they serve:
 * whoever waits gets an answer of Redis, and together they admit what the rule says.
 */
class ColdProcessesIT {
  private static final int PROCESSES = 3;
  private static final int CALLERS = 48;
  private static final int LIMIT = 240;
  private static final int EACH = 10 * LIMIT / CALLERS;

  @TempDir Path rules;

  @Test
  void askedAtOnce_theyAdmitExactlyTheLimit_andNothingFails() throws Exception {
    Files.writeString(
        rules.resolve("cold.yaml"),
        """
        domain: cold
        rules:
          - { name: all, key: [user], algorithm: fixed-window, limit: %d, window: 366d }
        """
            .formatted(LIMIT));
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    List<CompletableFuture<ServerProcess>> starting = new ArrayList<>();
    List<LimiterClient> clients = new ArrayList<>();
    try {
      for (int i = 0; i < PROCESSES; i++) {
        starting.add(
            CompletableFuture.supplyAsync(
                () ->
                    ServerProcess.serve(
                        "--redis", TestRedis.shared().uri(), "--rules", rules.toString()),
                callers));
      }
      for (CompletableFuture<ServerProcess> start : starting) {
        clients.add(LimiterClient.to(start.join().grpc()).deadline(Duration.ofSeconds(10)).build());
      }
      assertEquals(
          Map.of("admitted by REDIS", LIMIT, "denied", 10 * LIMIT - LIMIT),
          ask(clients, callers),
          () -> starting.stream().map(start -> start.join().log()).toList().toString());
    } finally {
      clients.forEach(LimiterClient::close);
      starting.forEach(start -> start.thenAccept(ServerProcess::close).join());
      callers.shutdownNow();
    }
  }

  /** How often each kind of answer came. */
  private static Map<String, Integer> ask(List<LimiterClient> clients, ExecutorService callers)
      throws Exception {
    CheckRequest request = CheckRequest.in("cold").attribute("user", UUID.randomUUID().toString());
    List<Callable<List<String>>> all = new ArrayList<>();
    for (int caller = 0; caller < CALLERS; caller++) {
      LimiterClient client = clients.get(caller % clients.size());
      all.add(
          () ->
              Collections.nCopies(EACH, request).stream()
                  .map(question -> text(client.check(question)))
                  .toList());
    }
    Map<String, Integer> answers = new TreeMap<>();
    for (Future<List<String>> one : callers.invokeAll(all)) {
      one.get().forEach(answer -> answers.merge(answer, 1, Integer::sum));
    }
    return answers;
  }

  private static String text(Decision decision) {
    if (decision instanceof Decision.Admitted admitted) {
      return "admitted by " + admitted.source();
    }
    return decision instanceof Decision.Denied denied
            && (denied.source() == Source.REDIS || denied.source() == Source.DENY_CACHE)
        ? "denied"
        : decision.toString();
  }
}
