package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.testing.TestRedis;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three processes call an API whose limit nobody told them. Once it has refused something, next to
 * nothing is refused any more, and no call is lost.
 */
@Timeout(300)
class PacedUpstreamIT {
  private static final int PROCESSES = 3;
  private static final int THREADS = 16;
  private static final int LIMIT = 100;
  private static final int WINDOW_SECONDS = 2;
  private static final int SECONDS = Integer.getInteger("paced.seconds", 12);

  /**
   * Of what is sent. A call that is under way when a window of the API ends counts in the next one,
   * where nobody has seen it yet; on a machine that is busy with other things these are many.
   */
  private static final double MOST_REFUSED = 0.1;

  private static final Pattern ANSWERED = Pattern.compile("\\{200=(\\d+)\\}\\R?");

  @TempDir Path rules;

  @Test
  void threeProcesses_learnALimitThatNobodyToldThem() throws Exception {
    Files.writeString(
        rules.resolve("upstreams.yaml"),
        """
        domain: upstreams
        rules:
          - { name: acme, key: [account], algorithm: fixed-window, limit: 100000, window: 1s, learn: true }
        """);
    ExecutorService running = Executors.newFixedThreadPool(PROCESSES);
    try (HiddenLimit upstream = new HiddenLimit(LIMIT, WINDOW_SECONDS);
        ServerProcess service =
            ServerProcess.serve(
                "--redis",
                TestRedis.shared().uri(),
                "--rules",
                rules.toString(),
                "--decision-deadline",
                "30s",
                "--decision-deadline-max",
                "30s")) {
      List<CompletableFuture<String>> callers = new ArrayList<>();
      for (int i = 0; i < PROCESSES; i++) {
        callers.add(
            CompletableFuture.supplyAsync(() -> call(service.grpc(), upstream.url()), running));
      }
      int answered = 0;
      for (CompletableFuture<String> caller : callers) {
        Matcher all = ANSWERED.matcher(caller.join());
        assertTrue(all.matches(), () -> "lost or refused: " + caller.join());
        answered += Integer.parseInt(all.group(1));
      }
      Map<Long, HiddenLimit.Count> windows = upstream.windows();
      int taken = windows.values().stream().mapToInt(HiddenLimit.Count::taken).sum();
      assertEquals(taken, answered);
      report(windows);
      List<HiddenLimit.Count> learned = afterTheFirstRefusal(windows.values());
      int sent = learned.stream().mapToInt(count -> count.taken() + count.refused()).sum();
      int refused = learned.stream().mapToInt(HiddenLimit.Count::refused).sum();
      assertTrue(taken > LIMIT, () -> "too little was sent: " + windows);
      assertTrue(refused <= MOST_REFUSED * sent, () -> "refused too often: " + windows);
    } finally {
      running.shutdownNow();
    }
  }

  /** Until it refused something, the upstream's windows may have been heard of in their midst. */
  private static List<HiddenLimit.Count> afterTheFirstRefusal(Collection<HiddenLimit.Count> all) {
    List<HiddenLimit.Count> windows = List.copyOf(all);
    for (int i = 1; i < windows.size(); i++) {
      if (windows.get(i - 1).refused() > 0) {
        return windows.subList(i, windows.size());
      }
    }
    return windows;
  }

  private static String call(String service, String upstream) {
    try {
      return Ran.java(
              List.of(
                  "-Xmx128m",
                  "-cp",
                  System.getProperty("java.class.path"),
                  PacedCaller.class.getName(),
                  service,
                  upstream,
                  "" + THREADS,
                  "" + SECONDS),
              Path.of(".").toAbsolutePath())
          .output();
    } catch (Exception failed) {
      throw new IllegalStateException(failed);
    }
  }

  /** For people: how much of the hidden limit was used, but at the beginning and the end. */
  private static void report(Map<Long, HiddenLimit.Count> windows) {
    List<HiddenLimit.Count> whole = List.copyOf(windows.values());
    whole = whole.subList(1, Math.max(1, whole.size() - 2));
    long span = whole.size();
    int taken = whole.stream().mapToInt(HiddenLimit.Count::taken).sum();
    System.out.printf(
        "%d windows of %d: %d taken, %d refused, %.3f of the hidden limit%n",
        span,
        LIMIT,
        taken,
        whole.stream().mapToInt(HiddenLimit.Count::refused).sum(),
        span == 0 ? 0 : (double) taken / (span * LIMIT));
  }
}
