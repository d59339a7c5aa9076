package io.limiter.server.http;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.gson.JsonObject;
import io.limiter.server.store.StoreException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Every mistake of a caller by HTTP, and every failure, has its status and its reason. */
@Timeout(60)
class ApiMistakesTest {
  private final HttpService service = new HttpService();

  @AfterEach
  void stop() {
    service.close();
  }

  @Test
  void anInvalidRequest_namesEachField() throws Exception {
    service.serve();
    HttpResponse<String> refused = service.post("/v1/check", "{\"attributes\":{\"\":\"x\"}}");
    assertEquals(400, refused.statusCode());
    assertEquals(
        "application/problem+json", refused.headers().firstValue("content-type").orElse(""));
    JsonObject problem = HttpService.json(refused);
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
    service.serve();
    HttpResponse<String> refused = service.post("/v1/check", body);
    assertEquals(400, refused.statusCode(), refused::body);
    assertEquals("INVALID_ARGUMENT", HttpService.json(refused).get("code").getAsString());
  }

  @Test
  void whatIsNestedDeeply_isABadRequest() throws Exception {
    service.serve();
    HttpResponse<String> refused = service.post("/v1/check", "[".repeat(100_000));
    assertEquals(400, refused.statusCode());
  }

  @Test
  void aForm_isRefused_sinceAnyPageInABrowserMaySendOne() throws Exception {
    service.serve();
    HttpResponse<String> refused =
        service.post(
            "/v1/check", HttpService.ALICE, "Content-Type", "application/x-www-form-urlencoded");
    assertEquals(415, refused.statusCode());
    assertEquals(
        200,
        service
            .post("/v1/check", HttpService.ALICE, "Content-Type", "Application/JSON; charset=utf-8")
            .statusCode());
  }

  @Test
  void aBodyBeyondTheBound_isRefusedBeforeItIsWhole() throws Exception {
    service.serve();
    HttpResponse<String> refused = service.post("/v1/check", " ".repeat((2 << 20) + 1));
    assertEquals(413, refused.statusCode());
    assertTrue(refused.body().contains("2097152"), refused::body);
    assertEquals(200, service.post("/v1/check", HttpService.ALICE).statusCode());
  }

  @Test
  void anotherMethod_isRefused() throws Exception {
    service.serve();
    HttpResponse<String> refused =
        service.client.send(
            HttpRequest.newBuilder(service.uri("/v1/check")).build(),
            HttpResponse.BodyHandlers.ofString());
    assertEquals(405, refused.statusCode());
    assertEquals("POST", refused.headers().firstValue("allow").orElse(""));
  }

  @Test
  void beforeTheServiceServes_thereIsNoDecision() throws Exception {
    assertEquals(503, service.post("/v1/check", HttpService.ALICE).statusCode());
  }

  @ParameterizedTest
  @CsvSource({"UNAVAILABLE, 503", "OVERLOADED, 503", "INTERNAL, 500"})
  void withoutADecision_theStatusSaysWhy(StoreException.Kind kind, int status) throws Exception {
    service.serve();
    service.counters.failure = new StoreException(kind, "redis is away", null);
    HttpResponse<String> refused = service.post("/v1/check", HttpService.ALICE);
    assertEquals(status, refused.statusCode());
    assertEquals(status, HttpService.json(refused).get("status").getAsInt());
    assertEquals(
        kind == StoreException.Kind.OVERLOADED ? "1" : "",
        refused.headers().firstValue("retry-after").orElse(""));
  }

  /** As at the end of the warm-up, and of the service. */
  @Test
  void anAnswerThatComesAfterThePortHasClosed_isNoFailure() throws Exception {
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    logged.start();
    Logger logger = (Logger) LoggerFactory.getLogger(Exchange.class);
    logger.addAppender(logged);
    HttpService closing = new HttpService();
    try {
      closing.serve();
      CompletableFuture<Void> gate = new CompletableFuture<>();
      closing.counters.gate = gate;
      var unused =
          closing.client.sendAsync(
              HttpRequest.newBuilder(closing.uri("/v1/check"))
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(HttpService.ALICE))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      closing.counters.asked.get();
      closing.close();
      gate.complete(null);
      assertEquals(List.of(), logged.list);
    } finally {
      logger.detachAppender(logged);
    }
  }
}
