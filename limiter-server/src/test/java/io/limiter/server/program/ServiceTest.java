package io.limiter.server.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.http.Readiness;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ServiceTest {
  private final HttpClient client = HttpClient.newHttpClient();

  @Test
  void withARedisOfItsOwn_itBecomesReadyAndEndsWhole() throws Exception {
    Service service = SampleService.start(Optional.empty());
    int[] ports = {service.httpPort(), service.grpcPort()};
    try {
      awaitRedis(service);
      assertEquals(200, get(service, "/readyz").statusCode());
      assertEquals(200, get(service, "/livez").statusCode());
    } finally {
      service.close();
    }
    assertFalse(service.readiness().ready());
    assertEquals(
        new Readiness.Part("service", false, "shutting down"), service.readiness().parts().get(0));
    for (int port : ports) {
      assertThrows(
          ConnectException.class, () -> new Socket(InetAddress.getLoopbackAddress(), port).close());
    }
    service.close();
  }

  @Test
  void withoutRedis_itServes_andSaysHow() throws Exception {
    try (Service service = SampleService.start("redis://127.0.0.1:1")) {
      assertEquals(200, get(service, "/livez").statusCode());
      HttpResponse<String> ready = get(service, "/readyz");
      assertEquals(200, ready.statusCode());
      assertTrue(ready.body().contains("\nok   redis: redis://127.0.0.1:1"), ready::body);
      assertTrue(ready.body().contains("on-redis-failure decides"), ready::body);
      assertTrue(ready.body().contains("\nok   rules: "), ready::body);
      assertEquals("OK", get(service, "/healthcheck").body());
    }
  }

  private void awaitRedis(Service service) throws Exception {
    while (!get(service, "/metrics").body().contains("limiter_redis_connected 1.0\n")) {
      Thread.onSpinWait();
    }
  }

  private HttpResponse<String> get(Service service, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + service.httpPort() + path);
    return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }
}
