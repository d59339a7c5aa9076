package example.llm;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A model. What becomes of a request, its message begins with: a fate, a name, and tokens. */
final class FakeModel implements AutoCloseable {
  /** What it says that every prompt has. */
  static final int PROMPT = 90;

  /** Whoever does not send it is refused. */
  static final String KEY = "sk-upstream";

  /** So much is more than any budget has. */
  static final int EXPENSIVE = 2_000_000;

  private static final int SECONDS = 120;

  private final JsonMapper json = new JsonMapper();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, CountDownLatch> gates = new ConcurrentHashMap<>();
  private final HttpServer server;

  /** A permit for each connection that was closed while it still had something to send. */
  final Semaphore stopped = new Semaphore(0);

  FakeModel() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
    server.setExecutor(threads);
    server.createContext(Model.PATH, this::answer);
    server.start();
  }

  String uri() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** What one that waits waits for. */
  CountDownLatch gate(String name) {
    return gates.computeIfAbsent(name, one -> new CountDownLatch(1));
  }

  private void answer(HttpExchange exchange) throws IOException {
    JsonNode request = json.readTree(exchange.getRequestBody().readAllBytes());
    String[] wanted = request.path("messages").get(0).path("content").asString().split(" ", -1);
    String fate = wanted[0];
    int tokens = Integer.parseInt(wanted[2]);
    boolean known =
        ("Bearer " + KEY).equals(exchange.getRequestHeaders().getFirst("Authorization"));
    if (fate.equals("refuse") || !known) {
      exchange.sendResponseHeaders(known ? 503 : 401, -1);
      exchange.close();
      return;
    }
    if (!request.path("stream").asBoolean(false)) {
      byte[] whole = ("{\"choices\": [], " + usage(tokens) + "}").getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, whole.length);
      exchange.getResponseBody().write(whole);
      exchange.close();
      return;
    }
    exchange.sendResponseHeaders(200, 0);
    OutputStream body = exchange.getResponseBody();
    for (int i = 0; i < tokens; i++) {
      token(body);
    }
    switch (fate) {
      case "wait" -> await(wanted[1]);
      case "break-off" -> {
        await(wanted[1]);
        // The server then closes the connection amid the body.
        throw new IOException("broken off");
      }
      case "go-on" -> {
        await(wanted[1]);
        goOn(body);
        return;
      }
      default -> Objects.requireNonNull(fate);
    }
    if (!fate.equals("end-early")) {
      event(body, "{\"choices\": [], " + usage(fate.equals("spend") ? EXPENSIVE : tokens) + "}");
      event(body, "[DONE]");
    }
    exchange.close();
  }

  private static String usage(int tokens) {
    return "\"usage\": {\"prompt_tokens\": %d, \"completion_tokens\": %d}"
        .formatted(PROMPT, tokens);
  }

  /** Until nobody takes it. */
  private void goOn(OutputStream body) {
    try {
      while (true) {
        token(body);
      }
    } catch (IOException closed) {
      stopped.release();
    }
  }

  private void await(String name) throws IOException {
    try {
      if (!gate(name).await(SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("nobody opened " + name);
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private static void token(OutputStream body) throws IOException {
    event(body, "{\"choices\": [{\"delta\": {\"content\": \"word \"}}]}");
  }

  private static void event(OutputStream body, String data) throws IOException {
    body.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
    body.flush();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
