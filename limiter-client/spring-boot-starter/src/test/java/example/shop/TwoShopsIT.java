package example.shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two processes of the shop share one count, in a service and a Redis that are real. */
@Timeout(240)
class TwoShopsIT {
  private static final Path SERVICE =
      Path.of("..", "..", "limiter-server", "target", "limiter-server.jar");
  private static final Pattern SERVING = Pattern.compile("Serving gRPC on ([0-9.]+:[0-9]+)");
  private static final Pattern STARTED = Pattern.compile("Tomcat started on port ([0-9]+)");

  @TempDir Path folder;

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void stop() throws InterruptedException {
    for (Process process : processes) {
      process.destroy();
    }
    for (Process process : processes) {
      process.waitFor();
    }
  }

  /** Starts a program, and waits until it says where it is. */
  private String start(String name, Pattern where, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(List.of(arguments));
    Path log = folder.resolve(name + ".log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    processes.add(process);
    while (true) {
      Matcher found = where.matcher(Files.readString(log));
      if (found.find()) {
        return found.group(1);
      }
      assertTrue(process.isAlive(), Files.readString(log));
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private String shop(String name, String service) throws Exception {
    return start(
        name,
        STARTED,
        "-cp",
        System.getProperty("java.class.path"),
        ShopApplication.class.getName(),
        "--server.port=0",
        "--server.address=127.0.0.1",
        "--limiter.client.domain=shop",
        "--limiter.client.target=" + service,
        "--limiter.client.deadline=30s",
        "--limiter.client.on-unreachable=closed");
  }

  private CompletableFuture<HttpResponse<String>> order(String port, String user) {
    return http.sendAsync(
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:%s/users/%s/orders".formatted(port, user)))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void oneLimit_holdsForBoth() throws Exception {
    Files.writeString(
        Files.createDirectory(folder.resolve("rules")).resolve("shop.yaml"),
        """
        domain: shop
        rules:
          - { name: orders, key: [user], algorithm: sliding-log, limit: 10, window: 1d }
        """);
    String service =
        start(
            "service",
            SERVING,
            "-jar",
            SERVICE.toString(),
            "serve",
            "--demo",
            "--rules",
            folder.resolve("rules").toString(),
            "--grpc-port",
            "0",
            "--http-port",
            "0",
            "--decision-deadline",
            "30s",
            "--decision-deadline-max",
            "30s",
            "--warm-up",
            "0s");
    String one = shop("one", service);
    String other = shop("other", service);
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      answers.add(order(i % 2 == 0 ? one : other, "alice"));
    }
    TreeMap<Integer, Integer> statuses = new TreeMap<>();
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      HttpResponse<String> got = answer.get();
      statuses.merge(got.statusCode(), 1, Integer::sum);
      if (got.statusCode() == 429) {
        int wait = Integer.parseInt(got.headers().firstValue("Retry-After").orElseThrow());
        assertTrue(wait > 0 && wait <= 86_400, () -> "" + wait);
        assertTrue(got.body().contains("\"orders\""), got::body);
      } else {
        assertEquals("orders of alice", got.body());
      }
    }
    assertEquals("{200=10, 429=90}", statuses.toString(), this::logs);
    assertEquals(200, order(one, "bob").get().statusCode());
  }

  private String logs() {
    StringBuilder logs = new StringBuilder();
    for (String name : List.of("service", "one", "other")) {
      try {
        logs.append(Files.readString(folder.resolve(name + ".log")));
      } catch (IOException e) {
        logs.append(e);
      }
    }
    return logs.toString();
  }
}
