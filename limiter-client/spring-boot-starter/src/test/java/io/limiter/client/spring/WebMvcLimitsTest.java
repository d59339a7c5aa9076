package io.limiter.client.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.grpc.Status;
import io.limiter.client.spring.test.AutoConfigureFakeLimiter;
import io.limiter.client.testing.FakeLimiter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Requests to an application in a real server, limited by paths and by annotations. */
@Timeout(120)
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "server.address=127.0.0.1",
      "server.servlet.context-path=/app",
      "limiter.client.domain=edge",
      "limiter.client.on-unreachable=closed",
      "limiter.client.web.longest-delay=10ms",
      "limiter.client.web.limits[0].paths=/api/free/**",
      "limiter.client.web.limits[0].domain=free",
      "limiter.client.web.limits[0].cost=0",
      "limiter.client.web.limits[1].paths=/api/**,/files/**",
      "limiter.client.web.limits[1].methods=get",
      "limiter.client.web.limits[1].attributes.ip=remote-address",
      "limiter.client.web.limits[1].attributes.key=header:X-Api-Key",
      "limiter.client.web.limits[1].attributes.user=principal",
      "limiter.client.web.limits[1].attributes.path=path",
      "limiter.client.web.limits[1].attributes.verb=method",
      "limiter.client.web.limits[1].attributes.kind=text:api"
    })
@AutoConfigureFakeLimiter
class WebMvcLimitsTest {
  @Autowired FakeLimiter fake;
  @LocalServerPort int port;

  private final HttpClient browser = HttpClient.newHttpClient();

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @Import({Api.class, CatchAll.class})
  static class Application {}

  /** Would take a denial for a defect, if it were asked first. */
  @ControllerAdvice
  static class CatchAll {
    @ExceptionHandler(Exception.class)
    org.springframework.http.ResponseEntity<String> any(Exception any) {
      return org.springframework.http.ResponseEntity.status(555).body(any.toString());
    }
  }

  @RestController
  static class Api {
    @GetMapping({"/api/a", "/api/free/a", "/other"})
    String served() {
      return "served";
    }

    @GetMapping("/api/async")
    CompletableFuture<String> async() {
      return CompletableFuture.supplyAsync(() -> "served later");
    }

    @GetMapping("/api/error")
    void error(jakarta.servlet.http.HttpServletResponse response) throws java.io.IOException {
      response.sendError(418);
    }

    @GetMapping("/annotated/{user}")
    @RateLimited("user=#user")
    CompletableFuture<String> annotated(@PathVariable String user) {
      return CompletableFuture.completedFuture("of " + user);
    }
  }

  private HttpResponse<String> get(String path) throws Exception {
    return browser.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/app" + path))
            .header("X-Api-Key", "k1")
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void aPathThatIsLimited_isAskedAbout_andToldWhereItStands() throws Exception {
    fake.limit("per-ip", 2, Duration.ofMinutes(1), "ip");
    HttpResponse<String> response = get("/api/a");
    assertEquals(200, response.statusCode());
    assertEquals("\"per-ip\";r=1;t=60", response.headers().firstValue("RateLimit").orElseThrow());
    assertEquals("edge", fake.asked().get(0).domain());
    assertEquals(
        Map.of(
            "ip",
            "127.0.0.1",
            "key",
            "k1",
            "user",
            "",
            "path",
            "/api/a",
            "verb",
            "GET",
            "kind",
            "api"),
        fake.asked().get(0).attributes());
  }

  @Test
  void theFirstLimitThatMatches_counts_andOthersAreFree() throws Exception {
    assertEquals(200, get("/api/free/a").statusCode());
    assertEquals("free", fake.asked().get(0).domain());
    assertEquals(0, fake.asked().get(0).cost());
    assertEquals(200, get("/other").statusCode());
    assertEquals(1, fake.asked().size());
  }

  @Test
  void aDenial_isAProblem() throws Exception {
    fake.deny(Duration.ofMillis(1_500));
    HttpResponse<String> response = get("/api/a");
    assertEquals(429, response.statusCode());
    assertEquals("2", response.headers().firstValue("Retry-After").orElseThrow());
    assertTrue(response.headers().firstValue("RateLimit").isPresent());
    assertEquals(
        "application/problem+json", response.headers().firstValue("Content-Type").orElseThrow());
    JsonObject problem = JsonParser.parseString(response.body()).getAsJsonObject();
    assertEquals(
        "https://iana.org/assignments/http-problem-types#quota-exceeded",
        problem.get("type").getAsString());
    assertEquals(429, problem.get("status").getAsInt());
    assertEquals("[\"scripted\"]", problem.get("violated-policies").toString());
  }

  @Test
  void whatNoControllerServes_isDeniedToo() throws Exception {
    fake.deny(Duration.ofSeconds(1));
    assertEquals(429, get("/files/none.txt").statusCode());
  }

  @Test
  void asyncResults_andErrors_areChargedOnce() throws Exception {
    assertEquals("served later", get("/api/async").body());
    assertEquals(1, fake.asked().size());
    assertEquals(418, get("/api/error").statusCode());
    assertEquals(2, fake.asked().size());
  }

  @Test
  void aLongDelay_isADenial() throws Exception {
    fake.admit(Duration.ofMillis(10)).admit(Duration.ofMillis(11));
    assertEquals(200, get("/api/a").statusCode());
    HttpResponse<String> response = get("/api/a");
    assertEquals(429, response.statusCode());
    assertEquals("1", response.headers().firstValue("Retry-After").orElseThrow());
  }

  @Test
  void anAnnotatedController_isDeniedAlike_alsoByItsFuture() throws Exception {
    assertEquals("of alice", get("/annotated/alice").body());
    fake.denyForever();
    HttpResponse<String> response = get("/annotated/alice");
    assertEquals(429, response.statusCode());
    assertFalse(response.headers().firstValue("Retry-After").isPresent());
    assertTrue(response.body().contains("quota-exceeded"), response.body());
  }

  @Test
  void withoutAnAnswer_CLOSED_isUnavailable_andSaysNotWhy() throws Exception {
    fake.fail(Status.UNAVAILABLE.withDescription("10.1.2.3 is away"));
    HttpResponse<String> response = get("/api/a");
    assertEquals(503, response.statusCode());
    assertFalse(response.body().contains("10.1.2.3"), response.body());
  }
}
