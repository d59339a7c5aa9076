package io.limiter.server.http;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.metrics.Metrics;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.server.rules.table.RuleTable;
import io.limiter.testing.Await;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HttpServerTest {
  private static final String PROBE = "GET /livez HTTP/1.1\r\nHost: h\r\n\r\n";

  private final Metrics metrics = new Metrics(() -> RuleTable.EMPTY, "1.2.3");
  private final HttpClient client = HttpClient.newHttpClient();
  private volatile boolean redis = true;
  private volatile boolean serving = true;
  private volatile @Nullable Runnable broken;
  private HttpServer server = start(0);

  @BeforeEach
  void listens() {
    assertTrue(server.port() > 0);
  }

  @AfterEach
  void stop() {
    server.stop();
    metrics.close();
  }

  @Test
  void liveness_neverLooksAtRedis() throws Exception {
    redis = false;
    HttpResponse<String> answer = call("GET", "/livez");
    assertEquals(200, answer.statusCode());
    assertEquals("alive\n", answer.body());
  }

  @Test
  void readiness_saysWhatIsMissing() throws Exception {
    HttpResponse<String> ready = call("GET", "/readyz");
    redis = false;
    HttpResponse<String> not = call("GET", "/readyz");
    assertAll(
        () -> assertEquals(200, ready.statusCode()),
        () -> assertEquals("ready\nok   rules: 1 domain\nok   redis: here\n", ready.body()),
        () -> assertEquals(503, not.statusCode()),
        () -> assertEquals("not ready\nok   rules: 1 domain\nFAIL redis: away\n", not.body()));
  }

  @Test
  void healthcheck_isOkAsLongAsTheServiceServes_whateverRedisDoes() throws Exception {
    redis = false;
    HttpResponse<String> serving = call("GET", "/healthcheck");
    this.serving = false;
    HttpResponse<String> ending = call("GET", "/healthcheck");
    assertAll(
        () -> assertEquals(200, serving.statusCode()),
        () -> assertEquals("OK", serving.body()),
        () -> assertEquals(500, ending.statusCode()));
  }

  @Test
  void metrics_comeInTheFormatThatIsAccepted() throws Exception {
    HttpResponse<String> plain = call("GET", "/metrics");
    HttpResponse<String> open =
        call("GET", "/metrics", "Accept", "application/openmetrics-text;version=1.0.0,*/*;q=0.1");
    assertAll(
        () -> assertEquals(200, plain.statusCode()),
        () -> assertEquals("text/plain; version=0.0.4; charset=utf-8", type(plain)),
        () -> assertTrue(plain.body().contains("limiter_build_info{"), plain::body),
        () ->
            assertEquals("application/openmetrics-text; version=1.0.0; charset=utf-8", type(open)),
        () -> assertTrue(open.body().endsWith("# EOF\n"), open::body));
  }

  @Test
  void unknownPages_areNamed() throws Exception {
    String there =
        "no such page; there are /healthcheck, /json, /livez, /metrics, /openapi.json, /readyz, /rules, /v1/authorize/{profile}, /v1/check, /v1/check/any, /v1/check/batch, /v1/explain, /v1/extend, /v1/observe, /v1/refund, /v1/release, /v1/reset, /v1/settle\n";
    for (String path : List.of("/", "/metricsx", "/livez/", "/%2e%2e/livez")) {
      HttpResponse<String> answer = call("GET", path);
      assertEquals(404, answer.statusCode(), path);
      assertEquals(there, answer.body(), path);
    }
  }

  @Test
  void otherMethods_areRefusedWithTheOnesThatWork() throws Exception {
    HttpResponse<String> answer = call("POST", "/livez");
    assertEquals(405, answer.statusCode());
    assertEquals("/livez takes GET and HEAD, not POST\n", answer.body());
    assertEquals("GET, HEAD", answer.headers().firstValue("Allow").orElseThrow());
  }

  @Test
  void head_isGetWithoutTheBody() throws Exception {
    HttpResponse<String> answer = call("HEAD", "/livez");
    assertEquals(200, answer.statusCode());
    assertEquals("", answer.body());
    assertEquals("6", answer.headers().firstValue("Content-Length").orElseThrow());
  }

  @Test
  void requestsThatNeverEnd_leaveRoomForOthers() throws Exception {
    assertLeaveRoom("GET /livez HT");
  }

  /** Who has not sent all of it yet waits for no answer. */
  @Test
  void bodiesThatNeverEnd_areCutOffForOthers() throws Exception {
    assertLeaveRoom("POST /v1/check HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n{");
  }

  private static void assertLeaveRoom(String begun) throws Exception {
    int most = 64;
    List<Socket> dribbling = new ArrayList<>();
    try (HttpService service =
        new HttpService(Optional.empty(), HttpBounds.ofThisProcess().withConnections(most))) {
      service.serve();
      for (int i = 0; i < most + 36; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port());
        dribbling.add(socket);
        socket.getOutputStream().write((PROBE + begun).getBytes(StandardCharsets.US_ASCII));
        // What was begun is read with the probe before it.
        awaitAlive(socket);
        socket.setSoTimeout(1);
      }
      for (int i = 0; i < 10; i++) {
        assertEquals(200, service.post("/v1/check", HttpService.ALICE).statusCode());
      }
      Await.until(() -> dribbling.stream().filter(HttpServerTest::isOpen).count() < most);
    } finally {
      for (Socket socket : dribbling) {
        socket.close();
      }
    }
  }

  /** As many as come at once after a pause: none of them has anything to say first. */
  @Test
  void connectionsInClear_areNoHandshakes() throws Exception {
    HttpBounds bounds = HttpBounds.ofThisProcess().withHandshakes(1, Duration.ofMillis(100));
    List<Socket> open = new ArrayList<>();
    try (HttpService service = new HttpService(Optional.empty(), bounds)) {
      for (int i = 0; i < 200; i++) {
        open.add(new Socket(InetAddress.getLoopbackAddress(), service.port()));
      }
      for (Socket socket : open) {
        socket
            .getOutputStream()
            .write("GET /livez HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        String answer =
            new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertTrue(answer.startsWith("HTTP/1.0 200 "), answer);
      }
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
  }

  @Test
  void aBodyThatIsNotSentInTime_isRefused_andItsConnectionEnds() throws Exception {
    HttpBounds usual = HttpBounds.ofThisProcess();
    HttpBounds hasty = usual.withRequests(usual.requests(), Duration.ofMillis(100));
    try (HttpService service = new HttpService(Optional.empty(), hasty);
        Socket slow = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
      service.serve();
      slow.getOutputStream()
          .write(
              "POST /v1/check HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n{"
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(slow.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertTrue(answer.startsWith("HTTP/1.1 408 "), answer);
    }
  }

  private static void awaitAlive(Socket socket) throws IOException {
    StringBuilder answer = new StringBuilder();
    while (answer.indexOf("alive\n") < 0) {
      int next = socket.getInputStream().read();
      assertTrue(next >= 0, answer::toString);
      answer.append((char) next);
    }
  }

  private static boolean isOpen(Socket socket) {
    try {
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
      return false;
    } catch (SocketTimeoutException open) {
      return true;
    } catch (IOException reset) {
      return false;
    }
  }

  @Test
  void aLineOrHeadersThatAreTooLong_areRefused() throws Exception {
    assertEquals(414, call("GET", "/livez?" + "x".repeat(5_000)).statusCode());
    assertEquals(431, call("GET", "/livez", "X-Long", "x".repeat(10_000)).statusCode());
    assertEquals(200, call("GET", "/livez").statusCode());
  }

  @Test
  void aDefect_isAnswered_andSoIsTheNextRequest() throws Exception {
    broken =
        () -> {
          throw new IllegalStateException("a defect");
        };
    assertEquals(500, call("GET", "/readyz").statusCode());
    // A part of the program is missing.
    broken =
        () -> {
          throw new NoClassDefFoundError("Gone");
        };
    assertEquals(500, call("GET", "/readyz").statusCode());
    broken = null;
    assertEquals(200, call("GET", "/readyz").statusCode());
  }

  @Test
  void aPortInUse_isNamedWithTheRemedy() {
    int port = server.port();
    IOException refused = assertThrows(IOException.class, () -> open(port));
    assertEquals(
        "HTTP cannot listen on 127.0.0.1:%d: Address already in use; stop what holds the port or choose another"
            .formatted(port),
        refused.getMessage());
  }

  private HttpServer start(int port) {
    try {
      return open(port);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private HttpServer open(int port) throws IOException {
    return HttpServer.start(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
        /* tls= */ Optional.empty(),
        /* access= */ Optional.empty(),
        metrics,
        this::readiness,
        () -> LiveRules.fixed(RuleFiles.samples(), Clock.systemUTC()).state());
  }

  private Readiness readiness() {
    Runnable defect = broken;
    if (defect != null) {
      defect.run();
    }
    return new Readiness(
        List.of(
            new Readiness.Part("rules", serving, "1 domain"),
            new Readiness.Part("redis", redis, redis ? "here" : "away")));
  }

  private HttpResponse<String> call(String method, String path, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String type(HttpResponse<String> answer) {
    return answer.headers().firstValue("Content-Type").orElseThrow();
  }
}
