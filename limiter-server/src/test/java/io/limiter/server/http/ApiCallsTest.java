package io.limiter.server.http;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.envoy.EnvoyApi;
import io.limiter.server.envoy.EnvoySettings;
import io.limiter.server.metrics.Metrics;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.server.rules.table.RuleTable;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.ForwardingCounterStore;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.local.LocalCounters;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is answered to JSON is what gRPC answers, and every mistake is named. */
@Timeout(60)
class ApiCallsTest {
  private static final String RULES =
      """
      domain: edge
      rules:
        - { name: per-user, key: [user], algorithm: fixed-window, limit: 3, window: 300d }
      """;
  private static final String ALICE = "{\"domain\":\"edge\",\"attributes\":{\"user\":\"alice\"}}";

  private final Metrics metrics = new Metrics(() -> RuleTable.EMPTY, "1.2.3");
  private final HttpClient client = HttpClient.newHttpClient();
  private final Told counters = new Told();
  private @Nullable HttpServer server;

  /** Counters that remember how long callers wait, and fail if they are told to. */
  private static final class Told extends ForwardingCounterStore {
    volatile long waitNanos;
    final CompletableFuture<Void> asked = new CompletableFuture<>();
    volatile CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);
    volatile @Nullable StoreException failure;

    Told() {
      super(LocalCounters.now());
    }

    @Override
    public CompletionStage<Answer> decide(Charge charge) {
      waitNanos = charge.waitNanos();
      StoreException fails = failure;
      asked.complete(null);
      return fails == null
          ? gate.thenCompose(open -> super.decide(charge))
          : CompletableFuture.failedFuture(fails);
    }
  }

  @BeforeEach
  void start() throws Exception {
    server =
        HttpServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            metrics,
            () -> new Readiness(List.of()),
            () -> LiveRules.fixed(RuleFiles.samples(), Clock.systemUTC()).state());
  }

  private void serve(CounterStore store) throws Exception {
    RuleTable rules =
        RuleFiles.load(List.of(new RuleFiles.Source("edge.yaml", RULES))).table().withHash("abc");
    Limiter limiter = new Limiter(() -> rules, store, DecisionListener.NONE);
    server()
        .serve(
            new RateLimiterApi(limiter, RequestLimits.DEFAULTS),
            new EnvoyApi(limiter, EnvoySettings.DEFAULTS));
  }

  private HttpServer server() {
    return Objects.requireNonNull(server);
  }

  @AfterEach
  void stop() {
    server().stop();
    metrics.close();
  }

  private HttpResponse<String> post(String path, String body, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server().port() + path))
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static JsonObject json(HttpResponse<String> response) {
    return JsonParser.parseString(response.body()).getAsJsonObject();
  }

  @Test
  void aDecision_is200_andSoIsADenial() throws Exception {
    serve(counters);
    for (int left = 2; left >= 0; left--) {
      HttpResponse<String> admitted = post("/v1/check", ALICE);
      assertEquals(200, admitted.statusCode());
      assertEquals("application/json", admitted.headers().firstValue("content-type").orElse(""));
      JsonObject decision = json(admitted);
      assertTrue(decision.get("allowed").getAsBoolean());
      JsonObject status = decision.getAsJsonArray("statuses").get(0).getAsJsonObject();
      assertAll(
          () -> assertEquals("per-user", status.get("rule").getAsString()),
          () -> assertEquals("FIXED_WINDOW", status.get("algorithm").getAsString()),
          () -> assertEquals("3", status.get("limit").getAsString()));
      assertEquals(left, status.get("remaining").getAsInt(), "also when it is none");
    }
    HttpResponse<String> denied = post("/v1/check", ALICE);
    assertEquals(200, denied.statusCode());
    assertFalse(json(denied).get("allowed").getAsBoolean());
    assertTrue(json(denied).get("retryAfter").getAsString().endsWith("s"));
  }

  @Test
  void fieldsMayBeWrittenAsInTheProto_andTheTypeLeftOut() throws Exception {
    serve(counters);
    HttpResponse<String> answer =
        post(
            "/v1/check",
            "{\"domain\":\"edge\",\"attributes\":{\"user\":\"a\"},\"want_receipt\":true,\"requestId\":\"7\"}");
    assertEquals(200, answer.statusCode());
    assertEquals("7", json(answer).get("requestId").getAsString());
    String receipt = json(answer).get("receipt").getAsString();
    HttpResponse<String> refund = post("/v1/refund", "{\"receipt\":\"" + receipt + "\"}");
    assertEquals("{\"refunded\":true}", refund.body().strip());
    assertEquals(
        "{\"refunded\":false}",
        post("/v1/refund", "{\"receipt\":\"" + receipt + "\"}").body().strip());
  }

  @Test
  void batches_resetsAndExplanations_areAnswered() throws Exception {
    serve(counters);
    HttpResponse<String> batch =
        post("/v1/check/batch", "{\"requests\":[" + ALICE + ",{}," + ALICE + "]}");
    JsonArray responses = json(batch).getAsJsonArray("responses");
    assertEquals(3, responses.size());
    assertTrue(responses.get(0).getAsJsonObject().get("allowed").getAsBoolean());
    assertTrue(responses.get(1).getAsJsonObject().has("error"), "the entry fails, not the batch");
    assertTrue(responses.get(2).getAsJsonObject().get("allowed").getAsBoolean());
    assertEquals("{\"countersReset\":1}", post("/v1/reset", ALICE).body().strip());
    JsonObject explained = json(post("/v1/explain", ALICE));
    assertTrue(explained.getAsJsonArray("rules").size() == 1, explained::toString);
  }

  /** As {@code curl --data} sends it. */
  @Test
  void envoysQuestion_isAnsweredByTheStatusToo() throws Exception {
    serve(counters);
    String question =
        "{\"domain\":\"edge\",\"descriptors\":[{\"entries\":[{\"key\":\"user\",\"value\":\"bob\"}]}]}";
    String[] form = {"Content-Type", "application/x-www-form-urlencoded"};
    for (int i = 0; i < 3; i++) {
      HttpResponse<String> admitted = post("/json", question, form);
      assertEquals(200, admitted.statusCode());
      assertEquals("OK", json(admitted).get("overallCode").getAsString());
    }
    HttpResponse<String> denied = post("/json", question, form);
    assertEquals(429, denied.statusCode());
    assertEquals("OVER_LIMIT", json(denied).get("overallCode").getAsString());
    assertEquals(400, post("/json", "{", form).statusCode());
  }

  @Test
  void theDocument_tellsOfEachCall_andOfEachFieldThatIsAnswered() throws Exception {
    serve(counters);
    HttpResponse<String> got =
        client.send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + server().port() + "/openapi.json"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertEquals(200, got.statusCode());
    JsonObject document = json(got);
    assertEquals(ApiCalls.ROUTES.keySet(), document.getAsJsonObject("paths").keySet());
    JsonObject schemas = document.getAsJsonObject("components").getAsJsonObject("schemas");
    JsonObject answer = json(post("/v1/check", ALICE));
    JsonObject fields =
        schemas.getAsJsonObject("CheckAndConsumeResponse").getAsJsonObject("properties");
    assertTrue(fields.keySet().containsAll(answer.keySet()), answer::toString);
    Matcher references = Pattern.compile("\"#/components/schemas/([^\"]*)\"").matcher(got.body());
    while (references.find()) {
      assertTrue(schemas.has(references.group(1)), references.group(1));
    }
  }

  @Test
  void aLargeBatch_isAnswered() throws Exception {
    serve(counters);
    StringBuilder requests = new StringBuilder(ALICE);
    for (int i = 1; i < 1_000; i++) {
      requests.append(",\n").append(ALICE);
    }
    JsonObject batch = json(post("/v1/check/batch", "{\"requests\":[" + requests + "]}"));
    int admitted = 0;
    for (var response : batch.getAsJsonArray("responses")) {
      admitted += response.getAsJsonObject().get("allowed").getAsBoolean() ? 1 : 0;
    }
    assertEquals(1_000, batch.getAsJsonArray("responses").size());
    assertEquals(3, admitted);
  }

  @Test
  void anInvalidRequest_namesEachField() throws Exception {
    serve(counters);
    HttpResponse<String> refused = post("/v1/check", "{\"attributes\":{\"\":\"x\"}}");
    assertEquals(400, refused.statusCode());
    assertEquals(
        "application/problem+json", refused.headers().firstValue("content-type").orElse(""));
    JsonObject problem = json(refused);
    assertAll(
        () -> assertEquals("about:blank", problem.get("type").getAsString()),
        () -> assertEquals(400, problem.get("status").getAsInt()),
        () -> assertEquals("INVALID_ARGUMENT", problem.get("code").getAsString()),
        () -> assertTrue(problem.getAsJsonArray("errors").toString().contains("domain")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "7",
        "null",
        "{\"domain\":7",
        "{\"domains\":\"edge\"}",
        "{\"cost\":-1}",
        "{\"cost\":1.5}",
        "\"\\uD800\""
      })
  void whatIsNoMessage_isABadRequest(String body) throws Exception {
    serve(counters);
    HttpResponse<String> refused = post("/v1/check", body);
    assertEquals(400, refused.statusCode(), refused::body);
    assertEquals("INVALID_ARGUMENT", json(refused).get("code").getAsString());
  }

  @Test
  void whatIsNestedDeeply_isABadRequest() throws Exception {
    serve(counters);
    HttpResponse<String> refused = post("/v1/check", "[".repeat(100_000));
    assertEquals(400, refused.statusCode());
  }

  @Test
  void aForm_isRefused_sinceAnyPageInABrowserMaySendOne() throws Exception {
    serve(counters);
    HttpResponse<String> refused =
        post("/v1/check", ALICE, "Content-Type", "application/x-www-form-urlencoded");
    assertEquals(415, refused.statusCode());
    assertEquals(
        200,
        post("/v1/check", ALICE, "Content-Type", "Application/JSON; charset=utf-8").statusCode());
  }

  @Test
  void aBodyBeyondTheBound_isRefusedBeforeItIsWhole() throws Exception {
    serve(counters);
    HttpResponse<String> refused = post("/v1/check", " ".repeat((2 << 20) + 1));
    assertEquals(413, refused.statusCode());
    assertTrue(refused.body().contains("2097152"), refused::body);
    assertEquals(200, post("/v1/check", ALICE).statusCode());
  }

  /** As the JDK's client asks for HTTP/2, which it does unless told otherwise. */
  @Test
  void aClientThatAsksForAnotherProtocol_getsLargeBodiesToo() throws Exception {
    serve(counters);
    for (int i = 0; i < 200; i++) {
      HttpClient fresh = HttpClient.newHttpClient();
      HttpResponse<String> got =
          fresh.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + server().port() + "/openapi.json"))
                  .timeout(Duration.ofSeconds(30))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertTrue(got.body().endsWith("}\n"), got::body);
    }
  }

  @Test
  void anotherMethod_isRefused() throws Exception {
    serve(counters);
    HttpResponse<String> refused =
        client.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server().port() + "/v1/check"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertEquals(405, refused.statusCode());
    assertEquals("POST", refused.headers().firstValue("allow").orElse(""));
  }

  @Test
  void beforeTheServiceServes_thereIsNoDecision() throws Exception {
    assertEquals(503, post("/v1/check", ALICE).statusCode());
  }

  @ParameterizedTest
  @CsvSource({"UNAVAILABLE, 503", "OVERLOADED, 503", "INTERNAL, 500"})
  void withoutADecision_theStatusSaysWhy(StoreException.Kind kind, int status) throws Exception {
    serve(counters);
    counters.failure = new StoreException(kind, "redis is away", null);
    HttpResponse<String> refused = post("/v1/check", ALICE);
    assertEquals(status, refused.statusCode());
    assertEquals(status, json(refused).get("status").getAsInt());
  }

  @ParameterizedTest
  @CsvSource({
    "grpc-timeout, 50m, 45",
    "x-envoy-expected-rq-timeout-ms, 20, 15",
    "grpc-timeout, soon, -1"
  })
  void theCallerSays_howLongAnAnswerIsOfUse(String header, String value, long millis)
      throws Exception {
    serve(counters);
    post("/v1/check", ALICE, header, value);
    assertEquals(
        millis < 0 ? RateLimiterApi.ANY_WAIT : TimeUnit.MILLISECONDS.toNanos(millis),
        counters.waitNanos);
  }

  /** By HTTP/1.1: the JDK's client gives up what is under way as it is told to go away. */
  @Test
  void whatIsUnderWayAtTheEnd_isAnswered() throws Exception {
    serve(counters);
    counters.gate = new CompletableFuture<>();
    CompletableFuture<HttpResponse<String>> answer =
        client.sendAsync(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server().port() + "/v1/check"))
                .version(HttpClient.Version.HTTP_1_1)
                .POST(HttpRequest.BodyPublishers.ofString(ALICE))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    counters.asked.get();
    CompletableFuture<Void> stopped =
        CompletableFuture.runAsync(() -> server().stop(Duration.ofSeconds(30)));
    while (isOpen(server().port())) {
      Thread.onSpinWait();
    }
    counters.gate.complete(null);
    assertEquals(200, answer.get().statusCode());
    stopped.get();
  }

  private static boolean isOpen(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException refused) {
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP_1_1", "HTTP_2"})
  void manyAtATime_admitExactlyTheLimit(HttpClient.Version version) throws Exception {
    serve(counters);
    HttpClient many = HttpClient.newBuilder().version(version).build();
    Semaphore underWay = new Semaphore(32);
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      underWay.acquire();
      answers.add(
          many.sendAsync(
                  HttpRequest.newBuilder(
                          URI.create("http://127.0.0.1:" + server().port() + "/v1/check"))
                      .POST(HttpRequest.BodyPublishers.ofString(ALICE))
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .whenComplete((answer, failure) -> underWay.release()));
    }
    int admitted = 0;
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      assertEquals(200, answer.get().statusCode());
      admitted += json(answer.get()).get("allowed").getAsBoolean() ? 1 : 0;
    }
    assertEquals(3, admitted);
    assertEquals(HttpClient.Version.HTTP_1_1, answers.get(499).get().version());
  }
}
