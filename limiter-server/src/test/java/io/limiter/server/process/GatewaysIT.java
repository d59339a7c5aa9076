package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import io.limiter.testing.TestRedis;
import java.io.IOException;
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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The folders of deploy/gateways, with the gateways themselves. One that is not installed is
 * skipped. Times are longer here, so that no window ends within a test.
 */
@Timeout(180)
class GatewaysIT {
  private static final Path FOLDERS = Path.of("..", "deploy", "gateways");

  @TempDir Path folder;

  /** Others count in the same Redis. */
  private final String domain = "gateways-" + UUID.randomUUID();

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final AtomicInteger reached = new AtomicInteger();
  private final int port = TestRedis.freePort();
  private HttpServer application;
  private ServerProcess limiter;
  private Process process;

  /** Whether what is awaited is that Limiter does not answer. */
  private Map<String, String> changes = Map.of();

  private boolean hangs;

  /** A gateway, and how it is started in its folder. */
  enum Gateway {
    NGINX("nginx -p . -c nginx.conf"),
    CADDY("caddy run --config Caddyfile"),
    HAPROXY("haproxy -f haproxy.cfg");

    private final String command;

    Gateway(String command) {
      this.command = command;
    }

    String folder() {
      return command.substring(0, command.indexOf(' '));
    }

    private boolean isInstalled() {
      return Stream.of(System.getenv("PATH").split(":"), new String[] {"/usr/sbin"})
          .flatMap(Stream::of)
          .anyMatch(path -> Files.isExecutable(Path.of(path, folder())));
    }
  }

  @BeforeEach
  void start() throws IOException {
    application = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    application.setExecutor(Executors.newCachedThreadPool());
    application.createContext(
        "/",
        exchange -> {
          reached.incrementAndGet();
          exchange.getRequestBody().readAllBytes();
          byte[] hello = "hello".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, hello.length);
          try (OutputStream body = exchange.getResponseBody()) {
            body.write(hello);
          }
        });
    application.start();
    copy(FOLDERS.resolve("rules"), folder.resolve("rules"));
    limiter =
        ServerProcess.serve(
            "--redis",
            TestRedis.shared().uri(),
            "--rules",
            folder.resolve("rules").toString(),
            "--decision-deadline",
            "30s");
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (process != null) {
      process.destroy();
      process.waitFor();
    }
    limiter.close();
    application.stop(0);
  }

  private void start(Gateway gateway) throws Exception {
    assumeTrue(gateway.isInstalled(), gateway.folder() + " is not on the PATH");
    Path its = folder.resolve(gateway.folder());
    copy(FOLDERS.resolve(gateway.folder()), its);
    ProcessBuilder builder =
        new ProcessBuilder(gateway.command.split(" "))
            .directory(its.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile());
    builder.environment().merge("PATH", "/usr/sbin", (path, more) -> path + ":" + more);
    builder.environment().put("HOME", folder.toString());
    process = builder.start();
    while (!isOpen()) {
      if (!process.isAlive()) {
        throw new AssertionError(log());
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private boolean isOpen() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  /** The files with this test's ports and domain, and with longer times. */
  private void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String text = Files.readString(file);
        for (Map.Entry<String, String> change : changes.entrySet()) {
          text = text.replace(change.getKey(), change.getValue());
        }
        text = text.replace("127.0.0.1:9000", "127.0.0.1:" + application.getAddress().getPort());
        if (limiter != null) {
          text = text.replace("127.0.0.1:8080", limiter.http());
        }
        text =
            text.replace("127.0.0.1:8000", "127.0.0.1:" + port)
                .replace("domain: edge", "domain: " + domain)
                .replace("window: 1m", "window: 1d")
                .replace("250ms", hangs ? "250ms" : "30s")
                .replace("abns@limiter", "abns@" + domain);
        Files.writeString(to.resolve(file.getFileName()), text);
      }
    }
  }

  private CompletableFuture<HttpResponse<String>> get(int number) {
    return http.sendAsync(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/%d".formatted(port, number)))
            .header("X-Forwarded-For", "198.51.100." + number)
            .header("Forwarded", "for=198.51.100." + number)
            .header("X-Real-IP", "198.51.100." + number)
            .header("X-RateLimit-Status", "200")
            .header("X-Limiter-Asked", "no-store")
            .method(
                number % 2 == 0 ? "GET" : "POST",
                number % 2 == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString("x".repeat(2_000)))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @ParameterizedTest
  @EnumSource
  void ofAHundredRequests_tenPass_whateverAddressTheyForge(Gateway gateway) throws Exception {
    start(gateway);
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      answers.add(get(i));
      if (i % 20 == 19) {
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)).get();
      }
    }
    TreeMap<Integer, Integer> statuses = new TreeMap<>();
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      HttpResponse<String> got = answer.get();
      statuses.merge(got.statusCode(), 1, Integer::sum);
      assertEquals("\"per-client\";q=10;w=86400", header(got, "RateLimit-Policy"));
      if (got.statusCode() == 429) {
        assertTrue(header(got, "RateLimit").startsWith("\"per-client\";r=0;t="), got::toString);
        int wait = Integer.parseInt(header(got, "Retry-After"));
        assertTrue(wait > 0 && wait <= 86_400, () -> "" + wait);
        assertEquals("application/problem+json", header(got, "Content-Type"));
        assertTrue(got.body().contains("quota-exceeded"), got::body);
      } else {
        assertEquals("hello", got.body());
      }
    }
    assertEquals("{200=10, 429=90}", statuses.toString());
    assertEquals(10, reached.get());
  }

  /** As the page on gateways has it: only there is the balancer told from whoever else connects. */
  @ParameterizedTest
  @EnumSource(names = {"NGINX", "HAPROXY"})
  void behindABalancer_theClientIsWhomItsProxyProtocolNames(Gateway gateway) throws Exception {
    changes =
        Map.of(
            "listen 127.0.0.1:8000;",
            """
            listen 127.0.0.1:8000 proxy_protocol;
            set_real_ip_from 127.0.0.0/8;
            real_ip_header proxy_protocol;
            """,
            "bind 127.0.0.1:8000",
            "bind 127.0.0.1:8000 accept-proxy");
    start(gateway);
    for (int i = 0; i < 11; i++) {
      String status = i < 10 ? "200" : "429";
      assertEquals("HTTP/1.1 " + status, throughBalancer("203.0.113.9", "198.51.100." + i));
    }
    assertEquals("HTTP/1.1 200", throughBalancer("203.0.113.10", "203.0.113.9"));
  }

  private String throughBalancer(String client, String forged) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket
          .getOutputStream()
          .write(
              "PROXY TCP4 %s 127.0.0.1 40000 %d\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: %s\r\n\r\n"
                  .formatted(client, port, forged)
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return answer.substring(0, Math.min(answer.length(), 12));
    }
  }

  private static String header(HttpResponse<?> response, String name) {
    List<String> values = response.headers().allValues(name);
    assertEquals(1, values.size(), () -> name + " of " + response.headers().map());
    return values.get(0);
  }

  @ParameterizedTest
  @EnumSource
  void eachAddress_hasACounterOfItsOwn(Gateway gateway) throws Exception {
    start(gateway);
    for (int i = 0; i < 10; i++) {
      assertEquals(200, get(i).get().statusCode());
    }
    assertEquals(429, get(10).get().statusCode());
    try (Socket other = new Socket()) {
      try {
        other.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 2}), 0));
      } catch (IOException none) {
        assumeTrue(false, "there is no other loopback address than 127.0.0.1");
      }
      other.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      other
          .getOutputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: 127.0.0.1\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(other.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
    }
  }

  @ParameterizedTest
  @EnumSource
  void withoutLimiter_requestsGoAhead(Gateway gateway) throws Exception {
    hangs = true;
    start(gateway);
    limiter.signal("STOP");
    try {
      for (int i = 0; i < 12; i++) {
        assertEquals(200, get(i).get().statusCode());
      }
    } finally {
      limiter.signal("CONT");
    }
    limiter.stop();
    for (int i = 0; i < 12; i++) {
      assertEquals(200, get(i).get().statusCode());
    }
    assertEquals(24, reached.get());
  }

  @ParameterizedTest
  @EnumSource
  void whatTheApplicationFailsToAnswer_isNotSentTwice(Gateway gateway) throws Exception {
    start(gateway);
    application.removeContext("/");
    application.createContext(
        "/",
        exchange -> {
          reached.incrementAndGet();
          // Reads it all, and hangs up.
          exchange.getRequestBody().readAllBytes();
          exchange.close();
        });
    assertEquals(502, get(1).get().statusCode());
    assertEquals(1, reached.get());
  }

  @ParameterizedTest
  @EnumSource
  void oneCommand_makesALimitedApplication(Gateway gateway) throws Exception {
    assumeTrue(gateway.isInstalled(), gateway.folder() + " is not on the PATH");
    Path script = FOLDERS.resolve("try").toAbsolutePath().normalize();
    ProcessBuilder builder =
        new ProcessBuilder(script.toString(), gateway.folder())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("LIMITER_CACHE", "off");
    builder.environment().put("GATEWAY_PORT", "" + port);
    builder.environment().put("LIMITER_HTTP_PORT", "" + TestRedis.freePort());
    builder.environment().put("LIMITER_GRPC_PORT", "" + TestRedis.freePort());
    builder.environment().put("APP_PORT", "" + TestRedis.freePort());
    process = builder.start();
    while (!isOpen()) {
      assertTrue(process.isAlive(), () -> log());
      TimeUnit.MILLISECONDS.sleep(50);
    }
    HttpResponse<String> first = get(1).get();
    assertEquals(200, first.statusCode(), () -> first.body() + log());
    assertEquals("hello\n", first.body());
    while (get(1).get().statusCode() != 429) {
      assertTrue(process.isAlive(), () -> log());
    }
    List<ProcessHandle> children = process.descendants().toList();
    assertTrue(children.size() >= 3, children::toString);
    process.destroy();
    assertEquals(143, process.waitFor());
    for (ProcessHandle child : children) {
      child.onExit().get();
    }
  }

  private String log() {
    try {
      return Files.readString(folder.resolve("log"));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
