package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.server.rules.live.RulesDir;
import io.limiter.testing.TestRedis;
import java.io.BufferedReader;
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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules that would fill the heap, given to a process with a small one. */
class BoundedRulesIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Pattern SERVING =
      Pattern.compile("Serving gRPC on (\\S+:\\d+) and HTTP on (\\S+:\\d+)");

  @TempDir private Path rules = Path.of("");
  private final List<Process> started = new ArrayList<>();
  private final List<String> log = new CopyOnWriteArrayList<>();

  @AfterEach
  void end() {
    started.forEach(Process::destroyForcibly);
  }

  private static String ones(int bytes) {
    return "domain: edge\nrules: [" + "1,".repeat(bytes / 2) + "1]\n";
  }

  private static String many(int count) {
    StringBuilder text = new StringBuilder("domain: edge\nrules:\n");
    for (int i = 0; i < count; i++) {
      text.append("- { name: r").append(i).append(", key: [user], when: { path: \"/v1/s");
      text.append(i).append("/*\" }, algorithm: fixed-window, limit: 10, window: 1m }\n");
    }
    return text.toString();
  }

  private static String small(int limit) {
    return """
        domain: edge
        rules: [{ name: r, key: [user], algorithm: fixed-window, limit: %d, window: 366d }]
        """
        .formatted(limit);
  }

  /** The program with a heap of so many MiB, from the class path of this test. */
  private Process start(int heap, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx" + heap + "m", "-cp", System.getProperty("java.class.path")));
    command.add("io.limiter.server.cli.Main");
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    started.add(process);
    Thread reader = new Thread(() -> read(process.inputReader()), "reader");
    reader.setDaemon(true);
    reader.start();
    return process;
  }

  private void read(BufferedReader lines) {
    lines.lines().forEach(log::add);
  }

  private Process serve(int heap) throws IOException {
    return start(
        heap,
        "serve",
        "--grpc-port",
        "0",
        "--http-port",
        "0",
        "--redis",
        TestRedis.shared().uri(),
        "--rules",
        rules.toString(),
        "--rules-poll",
        "100ms",
        "--decision-deadline",
        "30s");
  }

  private Matcher serving() throws Exception {
    return until(
        () -> log.stream().map(SERVING::matcher).filter(Matcher::find).findFirst().orElse(null));
  }

  private interface Attempt<T> {
    @Nullable T get() throws Exception;
  }

  private <T> T until(Attempt<T> attempt) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    T found = attempt.get();
    while (found == null) {
      assertTrue(System.nanoTime() < end, () -> "waited in vain:\n" + String.join("\n", log));
      LockSupport.parkNanos(10_000_000); // leaves the processor to the process that is awaited
      found = attempt.get();
    }
    return found;
  }

  private static String get(String http, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + http + path)).timeout(PATIENCE).build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private String said(String part) throws Exception {
    return until(() -> log.stream().filter(line -> line.contains(part)).findFirst().orElse(null));
  }

  /** The rules before stay in force, and everything else goes on, to the end by SIGTERM. */
  private void refusedWhileServing(int heap, String bad, String said) throws Exception {
    RulesDir directory = new RulesDir(rules);
    directory.replace("edge.yaml", small(5));
    Process process = serve(heap);
    Matcher serving = serving();
    try (LimiterClient client = LimiterClient.to(serving.group(1)).deadline(PATIENCE).build()) {
      directory.replace("edge.yaml", bad);
      said(said);
      CheckRequest question =
          CheckRequest.in("edge")
              .attribute("user", UUID.randomUUID().toString())
              .deadline(PATIENCE);
      Decision.Admitted answer = assertInstanceOf(Decision.Admitted.class, client.check(question));
      assertEquals(4, answer.statuses().get(0).quota().remaining());
      assertTrue(get(serving.group(2), "/rules").contains(said));
      assertTrue(get(serving.group(2), "/livez").contains("live"));
      directory.replace("edge.yaml", small(7));
      said("Rules loaded");
      assertInstanceOf(Decision.Admitted.class, client.check(question));
    }
    process.toHandle().destroy();
    assertTrue(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    assertEquals(143, process.exitValue());
    assertTrue(log.stream().noneMatch(line -> line.contains("OutOfMemoryError")), log::toString);
  }

  @Test
  void aListOf14Mebibytes_isRefused_andAllElseGoesOn() throws Exception {
    refusedWhileServing(160, ones(14 << 20), "MiB of heap to be read");
  }

  @Test
  void moreRulesThanTheHeapHolds_areRefused_andAllElseGoesOn() throws Exception {
    refusedWhileServing(160, many(100_000), "MiB of heap");
  }

  @Test
  void aStart_isRefusedWithTheHeapThatIsNeeded_andThatIsEnough() throws Exception {
    Files.writeString(rules.resolve("edge.yaml"), many(30_000));
    Process refused = start(160, "validate", rules.toString());
    assertTrue(refused.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    assertEquals(1, refused.exitValue());
    Matcher remedy =
        until(
            () ->
                log.stream()
                    .map(Pattern.compile("start java with -Xmx([0-9]+)m or more")::matcher)
                    .filter(Matcher::find)
                    .findFirst()
                    .orElse(null));
    Process process = serve(Integer.parseInt(remedy.group(1)));
    serving();
    // Both tables live while the second is built.
    new RulesDir(rules).replace("edge.yaml", many(29_999));
    said("Rules loaded");
    process.toHandle().destroy();
    assertTrue(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    assertEquals(143, process.exitValue());
  }

  @Test
  void aBadListOfMillions_isSaidInItsFirstProblems() throws Exception {
    Files.writeString(rules.resolve("edge.yaml"), ones(2 << 20));
    Process validated = start(512, "validate", rules.toString());
    assertTrue(validated.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    assertEquals(1, validated.exitValue());
    said("more problems are not shown; correct those above first");
    assertTrue(log.size() < 200, () -> log.size() + " lines");
  }
}
