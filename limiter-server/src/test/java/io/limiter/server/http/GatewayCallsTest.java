package io.limiter.server.http;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Gateways ask whether they may pass a request on. */
@Timeout(60)
class GatewayCallsTest {
  private static final String RULES =
      """
      domain: edge
      rules:
        - { name: per-ip, key: [ip], algorithm: sliding-log, limit: 10, window: 1m }
        - { name: per-user, key: [user], algorithm: fixed-window, limit: 3, window: day }
        - { name: big, when: { big: "yes" }, algorithm: sliding-log, limit: 2, window: 1s }
      """;

  private static final String WEB =
      """
      authorize:
        web:
          domain: edge
          attributes: { ip: client-address }
      """;

  private static final String EXCEEDED =
      "https://iana.org/assignments/http-problem-types#quota-exceeded";

  private final HttpService service = new HttpService();

  @AfterEach
  void stop() {
    service.close();
  }

  /** A profile {@code web} with more fields. */
  private static String web(String attributes, String... fields) {
    return "authorize:\n  web:\n    domain: edge\n    attributes: { "
        + attributes
        + " }\n    "
        + String.join("\n    ", fields)
        + "\n";
  }

  private HttpResponse<String> ask(String method, String profile, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(service.uri("/v1/authorize/" + profile))
            .method(method, HttpRequest.BodyPublishers.noBody());
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return service.client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> denied(String... headers) throws Exception {
    for (int i = 0; i < 20; i++) {
      HttpResponse<String> answer = ask("GET", "web", headers);
      if (answer.statusCode() != 200) {
        return answer;
      }
    }
    throw new AssertionError("nothing was denied");
  }

  private static String header(HttpResponse<String> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  @Test
  void ofAHundredRequests_asManyPassAsTheLimitSays_andTheOthersAreTold() throws Exception {
    service.serve(RULES, WEB);
    for (int i = 0; i < 100; i++) {
      HttpResponse<String> answer = ask("GET", "web", "X-Forwarded-For", "198.51.100.7");
      boolean passes = i < 10;
      assertEquals(passes ? 200 : 429, answer.statusCode(), "request " + i);
      assertEquals("\"per-ip\";q=10;w=60", header(answer, "RateLimit-Policy"));
      assertTrue(
          header(answer, "RateLimit").startsWith("\"per-ip\";r=" + Math.max(0, 9 - i) + ";t="));
      assertEquals("10", header(answer, "X-RateLimit-Limit"));
      assertEquals("" + Math.max(0, 9 - i), header(answer, "X-RateLimit-Remaining"));
      assertEquals("no-store", header(answer, "Cache-Control"));
      if (passes) {
        assertEquals("", answer.body());
        assertEquals("", header(answer, "Content-Type"));
        assertEquals("", header(answer, "Retry-After"));
      } else {
        JsonObject problem = HttpService.json(answer);
        int wait = Integer.parseInt(header(answer, "Retry-After"));
        assertTrue(wait > 0 && wait <= 60, () -> "wait " + wait);
        assertAll(
            () -> assertEquals("application/problem+json", header(answer, "Content-Type")),
            () -> assertEquals(EXCEEDED, problem.get("type").getAsString()),
            () -> assertEquals(429, problem.get("status").getAsInt()),
            () -> assertEquals("[\"per-ip\"]", problem.get("violated-policies").toString()),
            () -> assertEquals("per-ip", problem.get("rule").getAsString()),
            () -> assertEquals("rate", problem.get("kind").getAsString()),
            () -> assertEquals(wait, problem.get("retry-after").getAsInt()),
            () ->
                assertTrue(
                    Instant.parse(problem.get("retry-at").getAsString())
                        .isAfter(Instant.now().minusSeconds(2))),
            () ->
                assertEquals(
                    "rule per-ip admits sliding-log 10 per 1m; ask again in " + wait + " s",
                    problem.get("detail").getAsString()));
      }
    }
    assertEquals(200, ask("GET", "web", "X-Forwarded-For", "198.51.100.8").statusCode());
  }

  @Test
  void whereARuleSpreadsRetries_eachIsToldToWaitForAnotherTime_andNobodyTooShort()
      throws Exception {
    service.serve(
        """
        domain: edge
        rules:
          - { name: r, algorithm: fixed-window, limit: 1, window: 366d, retry-spread: 100% }
        """,
        WEB);
    assertEquals(200, ask("GET", "web").statusCode());
    Set<Long> waits = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      HttpResponse<String> denied = ask("GET", "web");
      long wait = Long.parseLong(header(denied, "Retry-After"));
      long reset = Long.parseLong(header(denied, "X-RateLimit-Reset"));
      assertTrue(wait >= reset && wait <= 2 * reset, () -> wait + " s, to the reset " + reset);
      waits.add(wait);
    }
    assertTrue(waits.size() > 1, waits::toString);
  }

  /** Whatever a client sends stands before what the gateway writes. */
  @Test
  void whatAClientForges_getsNobodyPastALimit() throws Exception {
    service.serve(RULES, WEB);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int passed = 0;
    for (int i = 0; i < 60; i++) {
      String forged =
          "%d.%d.%d.%d".formatted(random.nextInt(256), random.nextInt(256), random.nextInt(256), i);
      HttpResponse<String> answer =
          random.nextBoolean()
              ? ask("GET", "web", "X-Forwarded-For", forged + ", 198.51.100.7")
              : ask("GET", "web", "X-Forwarded-For", forged, "X-Forwarded-For", "198.51.100.7");
      passed += answer.statusCode() == 200 ? 1 : 0;
    }
    assertEquals(10, passed, "seed " + seed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PURGE"})
  void anyMethod_isAnswered(String method) throws Exception {
    service.serve(RULES, web("ip: client-address, m: method", "cost: 11"));
    HttpResponse<String> answer = ask(method, "web");
    assertEquals(429, answer.statusCode());
    assertEquals(!method.equals("HEAD"), answer.body().contains("\"kind\":\"never\""));
    assertTrue(Integer.parseInt(header(answer, "Content-Length")) > 100);
  }

  @Test
  void whatCanNeverPass_isToldSo_andNotToComeAgain() throws Exception {
    service.serve(RULES, web("big: { value: \"yes\" }", "cost: 3", "on-denial: { never: 413 }"));
    HttpResponse<String> answer = ask("GET", "web");
    JsonObject problem = HttpService.json(answer);
    assertEquals(413, answer.statusCode());
    assertEquals("never", problem.get("kind").getAsString());
    assertFalse(problem.has("retry-after") || problem.has("retry-at"), problem::toString);
    assertEquals("", header(answer, "Retry-After"));
  }

  @Test
  void anExhaustedQuota_hasAStatusOfItsOwn() throws Exception {
    service.serve(
        RULES, web("user: { header: X-User }, ip: client-address", "on-denial: { quota: 403 }"));
    HttpResponse<String> quota = denied("X-User", "alice");
    assertEquals(403, quota.statusCode());
    assertEquals("quota", HttpService.json(quota).get("kind").getAsString());
    assertEquals("per-user", HttpService.json(quota).get("rule").getAsString());
    assertEquals("", header(quota, "X-RateLimit-Status"));
    HttpResponse<String> rate = denied();
    assertEquals(429, rate.statusCode());
    assertEquals("rate", HttpService.json(rate).get("kind").getAsString());
  }

  @Test
  void tooManyAtOnce_haveAStatusOfTheirOwn_andAPolicyWithoutAWindow() throws Exception {
    String rules =
        """
        domain: edge
        rules:
          - { name: at-once, key: [user], algorithm: concurrency, limit: 2, hold: 1h }
        """;
    service.serve(rules, web("user: { header: X-User }", "on-denial: { concurrency: 503 }"));
    HttpResponse<String> denied = denied("X-User", "alice");
    assertEquals(503, denied.statusCode());
    assertEquals("concurrency", HttpService.json(denied).get("kind").getAsString());
    assertEquals("\"at-once\";q=2;qu=\"concurrent-requests\"", header(denied, "RateLimit-Policy"));
  }

  /** As nginx needs it, which passes no other denial on than 401 and 403. */
  @Test
  void aGateway_getsTheStatusThatItPassesOn_andTheOneThatIsMeant() throws Exception {
    service.serve(RULES, web("ip: client-address", "on-denial: { gateway-status: 403 }"));
    HttpResponse<String> answer = denied();
    assertEquals(403, answer.statusCode());
    assertEquals("429", header(answer, "X-RateLimit-Status"));
    assertEquals(403, HttpService.json(answer).get("status").getAsInt());
    assertFalse(header(answer, "Retry-After").isEmpty());
  }

  /** Clients of language models wait for the one that they are short of. */
  @Test
  void eachUnit_hasHeadersOfItsOwn_thoseOfItsStrictestRule() throws Exception {
    service.serve(
        """
        domain: edge
        rules:
          - { name: a, key: [ip], algorithm: fixed-window, limit: 10, window: day }
          - { name: b, key: [ip], algorithm: fixed-window, limit: 900, window: day, unit: tokens }
          - { name: c, key: [ip], algorithm: fixed-window, limit: 800, window: day, unit: tokens }
        """,
        web("ip: client-address", "headers: { groups: [x-ratelimit-units] }"));
    HttpResponse<String> answer = ask("GET", "web");
    assertEquals("10", header(answer, "X-RateLimit-Limit-Requests"));
    assertEquals("9", header(answer, "X-RateLimit-Remaining-Requests"));
    assertEquals("800", header(answer, "X-RateLimit-Limit-Tokens"));
    assertEquals("800", header(answer, "X-RateLimit-Remaining-Tokens"));
    assertFalse(header(answer, "X-RateLimit-Reset-Tokens").isEmpty());
    assertEquals("", header(answer, "X-RateLimit-Limit"));
  }

  @Test
  void headers_areChosen() throws Exception {
    service.serve(
        RULES,
        web(
            "ip: client-address",
            "headers:",
            "  groups: [x-ratelimit, x-ratelimit-used, ratelimit-limit, retry-after]",
            "  retry-after: date",
            "  reset: epoch",
            "  names: [X-Lim, X-Left, X-Again]",
            "  when-admitted: false"));
    HttpResponse<String> admitted = ask("GET", "web");
    assertEquals("", header(admitted, "X-RateLimit-Limit"));
    HttpResponse<String> answer = denied();
    long now = Instant.now().getEpochSecond();
    long reset = Long.parseLong(header(answer, "X-RateLimit-Reset"));
    ZonedDateTime again =
        ZonedDateTime.parse(header(answer, "Retry-After"), DateTimeFormatter.RFC_1123_DATE_TIME);
    assertEquals("10", header(answer, "X-RateLimit-Used"));
    assertEquals("10", header(answer, "X-Lim"));
    assertEquals("0", header(answer, "X-Left"));
    assertEquals(Long.toString(reset), header(answer, "X-Again"));
    assertEquals("", header(answer, "RateLimit"));
    assertTrue(reset >= now && reset <= now + 62, () -> reset + " at " + now);
    assertEquals(reset, again.toEpochSecond());
    assertEquals(
        again.toInstant().toString(), HttpService.json(answer).get("retry-at").getAsString());
  }

  @Test
  void noHeaders_ifNoneAreChosen() throws Exception {
    service.serve(RULES, web("ip: client-address", "headers: { groups: [] }"));
    assertEquals("", header(ask("GET", "web"), "RateLimit"));
    assertEquals("", header(denied(), "Retry-After"));
  }

  @Test
  void whereNoRuleApplies_itPasses() throws Exception {
    service.serve(RULES, web("host: host"));
    HttpResponse<String> answer = ask("GET", "web");
    assertEquals(200, answer.statusCode());
    assertEquals("", header(answer, "RateLimit"));
  }

  @Test
  void profiles_haveTheirOwnAttributes() throws Exception {
    service.serve(
        RULES,
        """
        authorize:
          web: { domain: edge, attributes: { ip: client-address } }
          api: { domain: edge, attributes: { user: { header: X-User, default: nobody } } }
        """);
    assertEquals("10", header(ask("GET", "web"), "X-RateLimit-Limit"));
    assertEquals("3", header(ask("GET", "api"), "X-RateLimit-Limit"));
    assertEquals("2", header(ask("GET", "api", "X-User", "eve"), "X-RateLimit-Remaining"));
    assertEquals("1", header(ask("GET", "api"), "X-RateLimit-Remaining"));
  }

  @Test
  void anotherTable_countsFromTheNextRequestOn() throws Exception {
    service.serve(RULES, WEB);
    assertEquals("9", header(ask("GET", "web"), "X-RateLimit-Remaining"));
    service.reload(RULES, web("ip: client-address", "cost: 4"));
    assertEquals("5", header(ask("GET", "web"), "X-RateLimit-Remaining"));
    service.reload(RULES);
    assertEquals(404, ask("GET", "web").statusCode());
  }

  @ParameterizedTest
  @ValueSource(strings = {"other", "", "web/more", "%77eb", "WEB"})
  void anUnknownProfile_isNotFound_andNamesNone(String name) throws Exception {
    service.serve(RULES, WEB);
    HttpResponse<String> answer = ask("GET", name);
    assertEquals(404, answer.statusCode());
    assertEquals("application/problem+json", header(answer, "Content-Type"));
    assertEquals("Unknown profile", HttpService.json(answer).get("title").getAsString());
    assertFalse(answer.body().contains("web"), answer::body);
  }

  @ParameterizedTest
  @CsvSource({"error, 503", "allow, 200", "deny, 430"})
  void withoutADecision_theProfileDecides(String chosen, int status) throws Exception {
    service.serve(
        RULES, web("ip: client-address", "on-denial: { rate: 430 }", "on-no-decision: " + chosen));
    service.counters.failure =
        new StoreException(StoreException.Kind.UNAVAILABLE, "Redis is away", null);
    HttpResponse<String> answer = ask("GET", "web");
    assertEquals(status, answer.statusCode());
    assertEquals(status == 200, answer.body().isEmpty());
    if (status == 430) {
      assertEquals(
          "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity",
          HttpService.json(answer).get("type").getAsString());
    }
  }

  @Test
  void beforeTheServiceServes_thereIsNoDecision() throws Exception {
    assertEquals(503, ask("GET", "web").statusCode());
  }

  @ParameterizedTest
  @CsvSource({"grpc-timeout, 50m, 45", "x-envoy-expected-rq-timeout-ms, 20, 15", "x-other, 1, -1"})
  void theGatewaySays_howLongAnAnswerIsOfUse(String header, String value, long millis)
      throws Exception {
    service.serve(RULES, web("ip: client-address", "deadline-headers: true"));
    assertEquals(200, ask("GET", "web", header, value).statusCode());
    assertEquals(
        millis < 0 ? RateLimiterApi.ANY_WAIT : TimeUnit.MILLISECONDS.toNanos(millis),
        service.counters.waitNanos);
  }

  /** Gateways pass on what callers send: a question that nobody waits for would be given up. */
  @ParameterizedTest
  @ValueSource(strings = {"grpc-timeout", "x-envoy-expected-rq-timeout-ms"})
  void aCaller_doesNotSayIt(String header) throws Exception {
    service.serve(RULES, WEB);
    String value = header.equals("grpc-timeout") ? "1n" : "0";
    assertEquals(200, ask("GET", "web", header, value).statusCode());
    assertEquals(RateLimiterApi.ANY_WAIT, service.counters.waitNanos);
  }

  private static String read(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        return head.toString();
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Nobody waits for a body, and the next request on the connection is read all the same. */
  @Test
  void aBody_isPassedOver() throws Exception {
    service.serve(RULES, WEB);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
      String head = "POST /v1/authorize/web HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n";
      for (int i = 0; i < 3; i++) {
        socket.getOutputStream().write(bytes(head));
        assertTrue(read(socket.getInputStream()).startsWith("HTTP/1.1 200 "), "before its body");
        socket.getOutputStream().write(new byte[60_000]);
      }
    }
  }

  /** Whoever sends without end loses the connection. */
  @Test
  void aBodyWithoutEnd_isCutOff() throws Exception {
    service.serve(RULES, WEB);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
      socket
          .getOutputStream()
          .write(
              bytes(
                  "POST /v1/authorize/web HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\n"));
      assertTrue(read(socket.getInputStream()).startsWith("HTTP/1.1 200 "));
      boolean cut = false;
      for (int i = 0; i < 20_000 && !cut; i++) {
        try {
          socket.getOutputStream().write(new byte[16_384]);
        } catch (IOException closed) {
          cut = true;
        }
      }
      assertTrue(cut);
    }
  }
}
