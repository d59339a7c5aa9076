package io.limiter.server.http;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.limiter.server.api.RateLimiterApi;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is answered to JSON is what gRPC answers. */
@Timeout(60)
class ApiCallsTest {
  private final HttpService service = new HttpService();

  @AfterEach
  void stop() {
    service.close();
  }

  @Test
  void aDecision_is200_andSoIsADenial() throws Exception {
    service.serve();
    for (int left = 2; left >= 0; left--) {
      HttpResponse<String> admitted = service.post("/v1/check", HttpService.ALICE);
      assertEquals(200, admitted.statusCode());
      assertEquals("application/json", admitted.headers().firstValue("content-type").orElse(""));
      JsonObject decision = HttpService.json(admitted);
      assertTrue(decision.get("allowed").getAsBoolean());
      JsonObject status = decision.getAsJsonArray("statuses").get(0).getAsJsonObject();
      assertAll(
          () -> assertEquals("per-user", status.get("rule").getAsString()),
          () -> assertEquals("FIXED_WINDOW", status.get("algorithm").getAsString()),
          () -> assertEquals("3", status.get("limit").getAsString()));
      assertEquals(left, status.get("remaining").getAsInt(), "also when it is none");
    }
    HttpResponse<String> denied = service.post("/v1/check", HttpService.ALICE);
    assertEquals(200, denied.statusCode());
    assertFalse(HttpService.json(denied).get("allowed").getAsBoolean());
    assertTrue(HttpService.json(denied).get("retryAfter").getAsString().endsWith("s"));
  }

  @Test
  void fieldsMayBeWrittenAsInTheProto_andTheTypeLeftOut() throws Exception {
    service.serve();
    HttpResponse<String> answer =
        service.post(
            "/v1/check",
            "{\"domain\":\"edge\",\"attributes\":{\"user\":\"a\"},\"want_receipt\":true,\"requestId\":\"7\"}");
    assertEquals(200, answer.statusCode());
    assertEquals("7", HttpService.json(answer).get("requestId").getAsString());
    String receipt = HttpService.json(answer).get("receipt").getAsString();
    HttpResponse<String> refund = service.post("/v1/refund", "{\"receipt\":\"" + receipt + "\"}");
    assertEquals("{\"refunded\":true}", refund.body().strip());
    assertEquals(
        "{\"refunded\":false}",
        service.post("/v1/refund", "{\"receipt\":\"" + receipt + "\"}").body().strip());
  }

  @Test
  void batches_resetsAndExplanations_areAnswered() throws Exception {
    service.serve();
    HttpResponse<String> batch =
        service.post(
            "/v1/check/batch",
            "{\"requests\":[" + HttpService.ALICE + ",{}," + HttpService.ALICE + "]}");
    JsonArray responses = HttpService.json(batch).getAsJsonArray("responses");
    assertEquals(3, responses.size());
    assertTrue(responses.get(0).getAsJsonObject().get("allowed").getAsBoolean());
    assertTrue(responses.get(1).getAsJsonObject().has("error"), "the entry fails, not the batch");
    assertTrue(responses.get(2).getAsJsonObject().get("allowed").getAsBoolean());
    assertEquals(
        "{\"countersReset\":1}", service.post("/v1/reset", HttpService.ALICE).body().strip());
    JsonObject explained = HttpService.json(service.post("/v1/explain", HttpService.ALICE));
    assertTrue(explained.getAsJsonArray("rules").size() == 1, explained::toString);
  }

  /** As {@code curl --data} sends it. */
  @Test
  void envoysQuestion_isAnsweredByTheStatusToo() throws Exception {
    service.serve();
    String question =
        "{\"domain\":\"edge\",\"descriptors\":[{\"entries\":[{\"key\":\"user\",\"value\":\"bob\"}]}]}";
    String[] form = {"Content-Type", "application/x-www-form-urlencoded"};
    for (int i = 0; i < 3; i++) {
      HttpResponse<String> admitted = service.post("/json", question, form);
      assertEquals(200, admitted.statusCode());
      assertEquals("OK", HttpService.json(admitted).get("overallCode").getAsString());
    }
    HttpResponse<String> denied = service.post("/json", question, form);
    assertEquals(429, denied.statusCode());
    assertEquals("OVER_LIMIT", HttpService.json(denied).get("overallCode").getAsString());
    assertEquals(400, service.post("/json", "{", form).statusCode());
  }

  @Test
  void aLargeBatch_isAnswered() throws Exception {
    service.serve();
    StringBuilder requests = new StringBuilder(HttpService.ALICE);
    for (int i = 1; i < 1_000; i++) {
      requests.append(",\n").append(HttpService.ALICE);
    }
    JsonObject batch =
        HttpService.json(service.post("/v1/check/batch", "{\"requests\":[" + requests + "]}"));
    int admitted = 0;
    for (var response : batch.getAsJsonArray("responses")) {
      admitted += response.getAsJsonObject().get("allowed").getAsBoolean() ? 1 : 0;
    }
    assertEquals(1_000, batch.getAsJsonArray("responses").size());
    assertEquals(3, admitted);
  }

  /** As the JDK's client asks for HTTP/2, which it does unless told otherwise. */
  @Test
  void aClientThatAsksForAnotherProtocol_getsLargeBodiesToo() throws Exception {
    service.serve();
    for (int i = 0; i < 200; i++) {
      HttpClient fresh = HttpClient.newHttpClient();
      HttpResponse<String> got =
          fresh.send(
              HttpRequest.newBuilder(service.uri("/openapi.json"))
                  .timeout(Duration.ofSeconds(30))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertTrue(got.body().endsWith("}\n"), got::body);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "grpc-timeout, 50m, 45",
    "x-envoy-expected-rq-timeout-ms, 20, 15",
    "grpc-timeout, soon, -1"
  })
  void theCallerSays_howLongAnAnswerIsOfUse(String header, String value, long millis)
      throws Exception {
    service.serve();
    service.post("/v1/check", HttpService.ALICE, header, value);
    assertEquals(
        millis < 0 ? RateLimiterApi.ANY_WAIT : TimeUnit.MILLISECONDS.toNanos(millis),
        service.counters.waitNanos);
  }

  @Test
  void whatIsUnderWayAtTheEnd_isAnswered() throws Exception {
    service.serve();
    service.counters.gate = new CompletableFuture<>();
    CompletableFuture<HttpResponse<String>> answer =
        service.client.sendAsync(
            HttpRequest.newBuilder(service.uri("/v1/check"))
                .POST(HttpRequest.BodyPublishers.ofString(HttpService.ALICE))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    service.counters.asked.get();
    CompletableFuture<Void> stopped =
        CompletableFuture.runAsync(() -> service.server().stop(Duration.ofSeconds(30)));
    while (isOpen(service.port())) {
      Thread.onSpinWait();
    }
    service.counters.gate.complete(null);
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
    service.serve();
    HttpClient many = HttpClient.newBuilder().version(version).build();
    Semaphore underWay = new Semaphore(32);
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      underWay.acquire();
      answers.add(
          many.sendAsync(
                  HttpRequest.newBuilder(service.uri("/v1/check"))
                      .POST(HttpRequest.BodyPublishers.ofString(HttpService.ALICE))
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .whenComplete((answer, failure) -> underWay.release()));
    }
    int admitted = 0;
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      assertEquals(200, answer.get().statusCode());
      admitted += HttpService.json(answer.get()).get("allowed").getAsBoolean() ? 1 : 0;
    }
    assertEquals(3, admitted);
    assertEquals(HttpClient.Version.HTTP_1_1, answers.get(499).get().version());
  }
}
