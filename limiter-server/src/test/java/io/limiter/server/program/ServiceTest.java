package io.limiter.server.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.certificate.RefusedHandshakes;
import io.limiter.server.certificate.ServerTls;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.envoy.EnvoyApi;
import io.limiter.server.envoy.EnvoySettings;
import io.limiter.server.grpc.GrpcConnections;
import io.limiter.server.grpc.GrpcServer;
import io.limiter.server.http.Readiness;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.ForwardingCounterStore;
import io.limiter.server.store.local.LocalCounters;
import io.limiter.testing.Authority;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

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

  /** Nor is its own warm-up refused, which shows none. */
  @Test
  void whereCallersMustShowCertificates_theyAreServed_andNobodyIsRefused(@TempDir Path folder)
      throws Exception {
    Authority authority = new Authority("ca");
    Path ca = Authority.file(folder.resolve("ca.crt"), authority);
    Authority.Signed shown = authority.sign("limiter", Authority.San.loopback());
    Authority.Signed own = authority.sign("web");
    ListAppender<ILoggingEvent> refused = new ListAppender<>();
    refused.start();
    Logger speaker = (Logger) LoggerFactory.getLogger(RefusedHandshakes.class);
    speaker.addAppender(refused);
    ServiceSettings.Listen listen =
        new ServiceSettings.Listen(
            InetAddress.getLoopbackAddress(),
            0,
            0,
            tls("HTTP", shown, folder, ca),
            tls("gRPC", shown, folder, ca),
            Optional.empty(),
            GrpcConnections.DEFAULTS);
    try (Service service =
        Service.start(
            SampleService.settings(
                listen, Optional.of("redis://127.0.0.1:1"), ServiceSettings.WARM_UP),
            LiveRules.fixed(RuleFiles.samples(), Clock.systemUTC()),
            "the samples")) {
      ManagedChannel channel =
          Grpc.newChannelBuilderForAddress(
                  "127.0.0.1",
                  service.grpcPort(),
                  TlsChannelCredentials.newBuilder()
                      .trustManager(ca.toFile())
                      .keyManager(
                          own.certificateFile(folder).toFile(), own.keyFile(folder).toFile())
                      .build())
              .build();
      try {
        assertEquals(
            HealthCheckResponse.ServingStatus.SERVING,
            HealthGrpc.newBlockingStub(channel)
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus());
      } finally {
        channel.shutdownNow();
      }
    } finally {
      speaker.detachAppender(refused);
    }
    assertEquals(List.of(), List.copyOf(refused.list));
  }

  /** What a call costs at its begin is to be warm over TLS too. */
  @Test
  void theWarmUp_asksGrpcOverTls(@TempDir Path folder) throws Exception {
    Authority authority = new Authority("ca");
    Authority.Signed shown = authority.sign("limiter");
    Path ca = Authority.file(folder.resolve("ca.crt"), authority);
    AtomicInteger asked = new AtomicInteger();
    LiveRules rules = LiveRules.fixed(WarmupQuestions.rules(), Clock.systemUTC());
    Limiter limiter =
        new Limiter(
            rules,
            new ForwardingCounterStore(LocalCounters.now()) {
              @Override
              public CompletionStage<Answer> decide(Charge charge) {
                asked.incrementAndGet();
                return super.decide(charge);
              }
            },
            DecisionListener.NONE);
    GrpcServer grpc =
        GrpcServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            GrpcConnections.DEFAULTS,
            tls("gRPC", shown, folder, ca).map(ServerTls::withoutClients),
            /* access= */ Optional.empty(),
            new RateLimiterApi(limiter, RequestLimits.DEFAULTS),
            new EnvoyApi(limiter, EnvoySettings.DEFAULTS));
    try (WarmupConnection connection =
        new WarmupConnection(
            WarmupSockets.toLoopback(grpc.port(), true), 1, Duration.ofMinutes(1))) {
      connection.ask(new WarmupQuestions("me").together(0));
      assertTrue(asked.get() > 0);
    } finally {
      grpc.shutdown(Duration.ZERO);
    }
  }

  private static Optional<ServerTls> tls(String port, Authority.Signed shown, Path folder, Path ca)
      throws IOException {
    return Optional.of(
        new ServerTls(port, shown.certificateFile(folder), shown.keyFile(folder), Optional.of(ca)));
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
