package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.limiter.testing.TestRedis;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * deploy/llm with its own rules, before a model that this test plays. Buckets fill and windows end
 * in a year here, so that counters show all that was charged. Holds last an hour.
 */
@Timeout(180)
class LlmGatewayIT {
  private static final Path EXAMPLE = Path.of("..", "deploy", "llm");
  private static final int CALLERS = 30;
  private static final int MOST_TOKENS = 200;
  private static final int READ_BEFORE_HANGING_UP = 5;
  private static final String DATA = "data: ";
  private static final String TOKEN = "{\"choices\": [{\"delta\": {\"content\": \"word \"}}]}";

  /** Of 400 bytes, as the gateway counts roughly: a fourth, of the quotes too, and four. */
  private static final int ESTIMATE = 104;

  @TempDir Path folder;

  /** Others count in the same Redis. */
  private final String domain = "llm-" + UUID.randomUUID();

  private final HttpClient http = HttpClient.newHttpClient();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, Integer> sent = new ConcurrentHashMap<>();
  private final Map<String, CountDownLatch> gone = new ConcurrentHashMap<>();
  private final CountDownLatch silence = new CountDownLatch(1);
  private HttpServer model;
  private ServerProcess limiter;
  private Process gateway;
  private int port;

  @BeforeEach
  void start() throws IOException {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(path -> Files.isExecutable(Path.of(path, "python3"))),
        "python3 is not on the PATH");
    model = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    model.setExecutor(threads);
    model.createContext("/v1/chat/completions", this::answer);
    model.start();
    Path rules = Files.createDirectory(folder.resolve("rules"));
    Files.copy(EXAMPLE.resolve("rules/prices.yaml"), rules.resolve("prices.yaml"));
    Files.writeString(
        rules.resolve("llm.yaml"),
        Files.readString(EXAMPLE.resolve("rules/llm.yaml"))
            .replace("domain: llm", "domain: " + domain)
            .replaceAll("(rate: \\w+)/m", "$1/366d")
            .replace("window: day", "window: 366d")
            .replace("hold: 1m", "hold: 1h"));
    limiter =
        ServerProcess.serve(
            "--redis",
            TestRedis.shared().uri(),
            "--rules",
            rules.toString(),
            "--decision-deadline",
            "30s");
    JsonObject keys = new JsonObject();
    for (int i = 0; i < CALLERS; i++) {
      JsonObject caller = new JsonObject();
      attributes(i).forEach(caller::addProperty);
      keys.add("secret-" + i, caller);
    }
    Files.writeString(folder.resolve("keys.json"), keys.toString());
  }

  private void gateway(String... options) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "python3",
                EXAMPLE.resolve("gateway.py").toString(),
                "--port=0",
                "--upstream=http://127.0.0.1:" + model.getAddress().getPort(),
                "--limiter=http://" + limiter.http(),
                "--domain=" + domain,
                "--keys=" + folder.resolve("keys.json"),
                "--timeout=60"));
    command.addAll(List.of(options));
    gateway = new ProcessBuilder(command).redirectErrorStream(true).start();
    port = Integer.parseInt(said("Serving on 127.0.0.1:").replaceAll(".*:", ""));
  }

  /** The next line that the gateway prints. */
  private String said(String beginning) throws IOException {
    StringBuilder line = new StringBuilder();
    int letter = gateway.getInputStream().read();
    while (letter >= 0 && letter != '\n') {
      line.append((char) letter);
      letter = gateway.getInputStream().read();
    }
    assertTrue(line.toString().startsWith(beginning), line::toString);
    return line.toString();
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (gateway != null) {
      gateway.destroyForcibly().waitFor();
    }
    if (limiter != null) {
      limiter.close();
    }
    if (model != null) {
      model.stop(0);
    }
    threads.shutdownNow();
  }

  private static Map<String, String> attributes(int caller) {
    return Map.of("key", "key-" + caller, "user", "user-" + caller, "team", "red");
  }

  /** The model. What becomes of a request, its message begins with. */
  private void answer(HttpExchange exchange) throws IOException {
    JsonObject request =
        JsonParser.parseString(
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8))
            .getAsJsonObject();
    String[] wanted =
        request
            .getAsJsonArray("messages")
            .get(0)
            .getAsJsonObject()
            .get("content")
            .getAsString()
            .split(" ", -1);
    String fate = wanted[0];
    String caller = wanted[1];
    if (fate.equals("refuse")) {
      exchange.sendResponseHeaders(503, -1);
      exchange.close();
      return;
    }
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream body = exchange.getResponseBody()) {
      int tokens = fate.equals("hang-up") ? MOST_TOKENS : 10 + Integer.parseInt(caller);
      if (fate.equals("wait") || fate.equals("fall-silent")) {
        tokens = READ_BEFORE_HANGING_UP;
      }
      for (int i = 0; i < tokens; i++) {
        if (fate.equals("hang-up") && i == READ_BEFORE_HANGING_UP) {
          gone.get(caller).await();
        }
        sent.merge(caller, 1, Integer::sum);
        event(body, TOKEN);
      }
      if (fate.equals("wait") || fate.equals("fall-silent")) {
        gone.get(caller).await();
      }
      if (fate.equals("fall-silent")) {
        // One line and not the empty one that ends the event: so one write to who is gone.
        body.write((DATA + TOKEN + "\n").getBytes(StandardCharsets.UTF_8));
        body.flush();
        silence.await();
      } else if (!fate.equals("break-off")) {
        long out = fate.equals("spend") ? 2_000_000 : tokens;
        event(
            body,
            "{\"choices\": [], \"usage\": {\"prompt_tokens\": %d, \"completion_tokens\": %d}}"
                .formatted(90, out));
        event(body, "[DONE]");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      exchange.close();
    }
  }

  private static void event(OutputStream body, String data) throws IOException {
    body.write((DATA + data + "\n\n").getBytes(StandardCharsets.UTF_8));
    body.flush();
  }

  private Socket ask(String fate, int caller) throws IOException {
    String content = fate + " " + caller + " ";
    String body =
        """
        {"model": "%s", "stream": true, "max_tokens": %d, "messages": [{"role": "user", "content": "%s"}]}"""
            .formatted(
                fate.equals("spend") ? "other" : "large",
                MOST_TOKENS,
                content + "x".repeat(400 - content.length()));
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket
        .getOutputStream()
        .write(
            "POST /v1/chat/completions HTTP/1.0\r\nAuthorization: Bearer secret-%d\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(caller, body.length(), body)
                .getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private String wholly(String fate, int caller) throws IOException {
    try (Socket socket = ask(fate, caller)) {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private String call(String fate, int caller) throws IOException {
    if (!fate.equals("hang-up")) {
      return wholly(fate, caller);
    }
    gone.put("" + caller, new CountDownLatch(1));
    try (Socket socket = ask(fate, caller)) {
      read(socket);
    }
    gone.get("" + caller).countDown();
    return "";
  }

  /** Reads the first tokens, with the empty line after each. */
  private static void read(Socket socket) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    int tokens = 0;
    while (tokens < READ_BEFORE_HANGING_UP) {
      String line = in.readLine();
      assertTrue(line != null, "ended early");
      if (line.startsWith(DATA)) {
        assertEquals("", in.readLine());
        tokens++;
      }
    }
  }

  /** What is used of each rule that this caller's requests are charged to. */
  private Map<String, Long> used(int caller) throws Exception {
    Map<String, Long> used = new HashMap<>();
    for (JsonElement each : look(caller)) {
      JsonObject status = each.getAsJsonObject();
      long owed = status.has("owed") ? status.get("owed").getAsLong() : 0;
      used.put(
          status.get("rule").getAsString(),
          status.get("limit").getAsLong() - status.get("remaining").getAsLong() + owed);
    }
    return used;
  }

  private JsonArray look(int caller) throws Exception {
    JsonObject attributes = new JsonObject();
    attributes(caller).forEach(attributes::addProperty);
    attributes.addProperty("model", "large");
    JsonObject question = new JsonObject();
    question.addProperty("domain", domain);
    question.addProperty("cost", 0);
    question.add("attributes", attributes);
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create("http://" + limiter.http() + "/v1/check"))
                .header("Content-Type", "application/json")
                .header("grpc-timeout", "30S")
                .POST(HttpRequest.BodyPublishers.ofString(question.toString()))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), answer::body);
    return JsonParser.parseString(answer.body()).getAsJsonObject().getAsJsonArray("statuses");
  }

  /** What is held of each rule. */
  private Map<String, Long> held(int caller) throws Exception {
    Map<String, Long> held = new HashMap<>();
    for (JsonElement each : look(caller)) {
      JsonObject status = each.getAsJsonObject();
      held.put(
          status.get("rule").getAsString(),
          status.has("held") ? status.get("held").getAsLong() : 0);
    }
    return held;
  }

  private void awaitNothingHeld(int caller) throws Exception {
    boolean held = true;
    while (held) {
      held = false;
      for (JsonElement status : look(caller)) {
        held |= status.getAsJsonObject().has("held");
      }
    }
  }

  @Test
  void whatIsCounted_isWhatFlowed_howeverAnswersEnd() throws Exception {
    gateway("--hold=3600", "--renew=0.02");
    List<String> fates = List.of("read", "hang-up", "refuse", "read", "hang-up", "break-off");
    List<Future<String>> answers = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      int caller = i;
      answers.add(threads.submit(() -> call(fates.get(caller % fates.size()), caller)));
    }
    for (Future<String> answer : answers) {
      answer.get(150, TimeUnit.SECONDS);
    }
    long input = 0;
    long output = 0;
    for (int i = 0; i < CALLERS; i++) {
      String fate = fates.get(i % fates.size());
      String answer = answers.get(i).get();
      awaitNothingHeld(i);
      Map<String, Long> used = used(i);
      long in = used.get("user-input");
      long out = used.get("user-output");
      String who = fate + " " + i + ": " + used;
      assertEquals(1, used.get("key-requests"), who);
      assertEquals(0, used.get("user-streams"), who);
      assertEquals(3 * in + 15 * out, used.get("key-budget"), who);
      switch (fate) {
        case "read" -> {
          assertTrue(answer.endsWith("data: [DONE]\n\n"), answer);
          assertEquals(90, in, who);
          assertEquals(10 + i, out, who);
        }
        case "refuse" -> {
          assertTrue(answer.startsWith("HTTP/1.0 503"), answer);
          assertEquals(0, in + out, who);
        }
        case "break-off" -> {
          assertEquals(ESTIMATE, in, who);
          assertEquals(10 + i, out, who);
        }
        default -> {
          // The gateway read at least what it passed on, and at most what the model sent it.
          assertEquals(ESTIMATE, in, who);
          assertTrue(out >= READ_BEFORE_HANGING_UP && out <= sent.get("" + i), who + " " + sent);
          assertTrue(out < MOST_TOKENS, who);
        }
      }
      input += in;
      output += out;
    }
    Map<String, Long> team = used(0);
    assertEquals(output, team.get("team-output"));
    assertEquals(3 * input + 15 * output, team.get("team-budget"));
    assertEquals(0, team.get("team-streams"));
  }

  @Test
  void aStreamLongerThanItsHold_isHeldThroughout() throws Exception {
    long hold = TimeUnit.SECONDS.toNanos(2);
    gateway("--hold=2", "--renew=0.5");
    gone.put("0", new CountDownLatch(1));
    try (Socket socket = ask("wait", 0)) {
      read(socket);
      long begun = System.nanoTime();
      // It ends when the hold would have ended twice.
      while (System.nanoTime() - begun < 2 * hold + hold / 2) {
        assertEquals(1, held(0).get("user-streams"), "the permit is gone");
        assertEquals(MOST_TOKENS, held(0).get("user-output"));
      }
      gone.get("0").countDown();
      String rest = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(rest.endsWith("data: [DONE]\n\n"), rest);
    }
    awaitNothingHeld(0);
    assertEquals(READ_BEFORE_HANGING_UP, used(0).get("user-output"));
  }

  @Test
  void aHangUp_isNoticedAtTheNextLine() throws Exception {
    gateway("--hold=3600");
    gone.put("0", new CountDownLatch(1));
    try (Socket socket = ask("fall-silent", 0)) {
      read(socket);
    }
    gone.get("0").countDown();
    // A write to who is gone succeeds once. The model sends no more before it is settled.
    awaitNothingHeld(0);
    assertEquals(READ_BEFORE_HANGING_UP + 1, used(0).get("user-output"));
    silence.countDown();
  }

  @Test
  void aBudgetThatIsUsedUp_denies() throws Exception {
    gateway("--hold=3600");
    assertTrue(wholly("spend", 0).startsWith("HTTP/1.0 200"));
    awaitNothingHeld(0);
    assertTrue(used(0).get("team-budget") > 25_000_000, "the team owes");
    String denied = wholly("read", 1);
    assertTrue(denied.startsWith("HTTP/1.0 429"), denied);
    assertTrue(denied.matches("(?s).*\r\nRetry-After: [1-9]\\d*\r\n.*"), denied);
    assertTrue(denied.contains("\"code\": \"insufficient_quota\""), denied);
    assertTrue(denied.contains("team-budget"), denied);
    assertEquals(0, used(1).get("key-requests"), "a denial charges nothing");
  }

  @Test
  void withoutLimiter_requestsPass_andItIsSaidOnce() throws Exception {
    gateway("--hold=3600");
    limiter.kill();
    assertTrue(wholly("read", 0).endsWith("data: [DONE]\n\n"));
    assertTrue(wholly("read", 1).endsWith("data: [DONE]\n\n"));
    said("Limiter cannot be asked");
    gateway.toHandle().destroy(); // leaves what is written readable
    assertEquals(-1, gateway.getInputStream().read(), "said again");
  }
}
