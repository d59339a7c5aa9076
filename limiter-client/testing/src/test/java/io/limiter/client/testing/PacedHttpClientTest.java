package io.limiter.client.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.limiter.client.CheckRequest;
import io.limiter.client.decorate.CallTerms;
import io.limiter.client.decorate.DeniedException;
import io.limiter.client.decorate.PacedHttpClient;
import io.limiter.client.decorate.Pacer;
import io.limiter.client.upstream.Observation;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests of java.net.http to an upstream that has a limit of its own. */
@Timeout(60)
final class PacedHttpClientTest {
  private static final CallTerms TERMS = CallTerms.within(Duration.ofMinutes(10));

  private final FakeLimiter fake = FakeLimiter.start();
  private final Queue<Integer> statuses = new ConcurrentLinkedQueue<>();
  private final AtomicInteger requests = new AtomicInteger();
  private final PacedHttpClient http =
      new PacedHttpClient(
          Pacer.by(fake.client(), CheckRequest.in("up")).build(), HttpClient.newHttpClient());
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          requests.incrementAndGet();
          Integer status = statuses.poll();
          if (status != null) {
            exchange.getResponseHeaders().add("retry-after-ms", "20");
          }
          exchange.getResponseHeaders().add("X-RateLimit-Limit", "9");
          byte[] body = "done".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status == null ? 200 : status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    fake.close();
  }

  private HttpRequest request(String method) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/"))
        .method(method, HttpRequest.BodyPublishers.noBody())
        .build();
  }

  @Test
  void aRefusedRequest_isSentAgain_andWhatWasSaidIsTold() throws Exception {
    statuses.add(429);
    long start = System.nanoTime();
    assertEquals("done", http.send(request("POST"), BodyHandlers.ofString(), TERMS).body());
    assertTrue(System.nanoTime() - start >= 20_000_000);
    assertEquals(2, requests.get());
    while (fake.observed().isEmpty()) {
      LockSupport.parkNanos(100_000);
    }
    assertEquals(
        Observation.blocked(Duration.ofMillis(20)).withLimit(9),
        fake.observed().get(0).observation());
  }

  @Test
  void after503_methodsThatAreIdempotentAreSentAgain() throws Exception {
    for (String method : List.of("GET", "PUT", "DELETE", "HEAD", "OPTIONS")) {
      statuses.add(503);
      assertEquals(
          200, http.send(request(method), BodyHandlers.discarding(), TERMS).statusCode(), method);
    }
    statuses.add(503);
    assertEquals(503, http.send(request("POST"), BodyHandlers.discarding(), TERMS).statusCode());
    statuses.add(503);
    assertEquals(
        200,
        http.send(request("POST"), BodyHandlers.discarding(), TERMS.idempotent()).statusCode());
    statuses.add(503);
    assertEquals(
        503, http.send(request("GET"), BodyHandlers.discarding(), TERMS.once()).statusCode());
  }

  @Test
  void withoutAThread_itIsTheSame_andBodiesNobodyReadsAreClosed() throws Exception {
    statuses.add(429);
    List<InputStream> bodies = new ArrayList<>();
    HttpResponse<InputStream> response =
        http.sendAsync(
                request("GET"),
                info ->
                    HttpResponse.BodySubscribers.mapping(
                        HttpResponse.BodySubscribers.ofInputStream(),
                        body -> {
                          bodies.add(body);
                          return body;
                        }),
                TERMS)
            .join();
    assertEquals("done", new String(response.body().readAllBytes(), StandardCharsets.UTF_8));
    assertEquals(2, bodies.size());
    assertThrows(IOException.class, () -> bodies.get(0).read());
  }

  @Test
  void whatIsDenied_isNotSent_andWhatCannotBeSentIsThrown() throws Exception {
    fake.denyForever().denyForever();
    assertThrows(
        DeniedException.class, () -> http.send(request("GET"), BodyHandlers.discarding(), TERMS));
    assertInstanceOf(
        DeniedException.class,
        assertThrows(
                CompletionException.class,
                () -> http.sendAsync(request("GET"), BodyHandlers.discarding(), TERMS).join())
            .getCause());
    assertEquals(0, requests.get());
    server.stop(0);
    assertThrows(
        IOException.class, () -> http.send(request("GET"), BodyHandlers.discarding(), TERMS));
  }
}
