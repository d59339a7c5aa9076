package example.upstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.limiter.client.decorate.DeniedException;
import io.limiter.client.decorate.Pacer;
import io.limiter.client.testing.FakeLimiter;
import io.limiter.client.upstream.Observation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.http.HttpMethod;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

/** Either client of Spring calls somebody else in his limits. */
@Timeout(60)
class UpstreamClientsTest {
  private final FakeLimiter fake = FakeLimiter.start();
  private final Queue<Integer> statuses = new ConcurrentLinkedQueue<>();
  private final AtomicInteger requests = new AtomicInteger();
  private HttpServer server;

  /** Sends a request of a method, and gives the body of what comes back. */
  interface Client {
    String send(HttpMethod method, URI uri);
  }

  static Stream<Function<Pacer, Client>> clients() {
    UpstreamClients beans = new UpstreamClients();
    return Stream.of(
        pacer -> {
          RestClient rest = beans.mapsClient(pacer);
          return (method, uri) ->
              rest.method(method)
                  .uri(uri)
                  .exchange(
                      (request, response) ->
                          response.getStatusCode().value()
                              + new String(
                                  response.getBody().readAllBytes(), StandardCharsets.UTF_8));
        },
        pacer -> {
          WebClient web = beans.reactiveMapsClient(pacer);
          return (method, uri) ->
              web.method(method)
                  .uri(uri)
                  .exchangeToMono(
                      response ->
                          response
                              .bodyToMono(String.class)
                              .map(body -> response.statusCode().value() + body))
                  .block();
        });
  }

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          requests.incrementAndGet();
          Integer status = statuses.poll();
          if (status != null) {
            exchange.getResponseHeaders().add("Retry-After-Ms", "20");
          }
          exchange.getResponseHeaders().add("x-ratelimit-limit", "9");
          exchange.sendResponseHeaders(status == null ? 200 : status, 0);
          exchange.getResponseBody().write("done".getBytes(StandardCharsets.UTF_8));
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    fake.close();
  }

  @ParameterizedTest
  @MethodSource("clients")
  void refused_itSendsAgain_andTellsWhatWasSaid(Function<Pacer, Client> by) {
    Client client = by.apply(new UpstreamClients().maps(fake.client()));
    URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    statuses.add(429);
    long start = System.nanoTime();
    assertEquals("200done", client.send(HttpMethod.POST, uri));
    assertTrue(System.nanoTime() - start >= 20_000_000);
    while (fake.observed().isEmpty()) {
      LockSupport.parkNanos(100_000);
    }
    assertEquals(
        Observation.blocked(Duration.ofMillis(20)).withLimit(9),
        fake.observed().get(0).observation());
    assertEquals("maps", fake.asked().get(0).attributes().get("api"));
    statuses.add(503);
    assertEquals("503done", client.send(HttpMethod.POST, uri));
    statuses.add(503);
    assertEquals("200done", client.send(HttpMethod.GET, uri));
    assertEquals(5, requests.get());
    fake.denyForever();
    assertThrows(DeniedException.class, () -> client.send(HttpMethod.GET, uri));
    assertEquals(5, requests.get());
  }
}
