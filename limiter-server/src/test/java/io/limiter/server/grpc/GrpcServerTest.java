package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.Limiters;
import io.limiter.server.envoy.EnvoyApi;
import io.limiter.server.envoy.EnvoySettings;
import io.limiter.server.store.local.LocalCounters;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The services that the port has, and where it cannot listen. */
class GrpcServerTest {
  @Test
  void reflection_listsTheServices() throws Exception {
    try (Service service = Service.over(LocalCounters.now())) {
      var answer = new CompletableFuture<ServerReflectionResponse>();
      StreamObserver<ServerReflectionRequest> questions =
          ServerReflectionGrpc.newStub(service.channel)
              .serverReflectionInfo(new One<>(answer, response -> response));
      questions.onNext(ServerReflectionRequest.newBuilder().setListServices("*").build());
      assertEquals(
          List.of(
              "envoy.service.ratelimit.v3.RateLimitService",
              "grpc.health.v1.Health",
              "grpc.reflection.v1.ServerReflection",
              "limiter.v1.RateLimiter"),
          answer.get(20, TimeUnit.SECONDS).getListServicesResponse().getServiceList().stream()
              .map(ServiceResponse::getName)
              .sorted()
              .toList());
      questions.onCompleted();
    }
  }

  @Test
  void portInUse_isToldWithAddressCauseAndRemedy() throws Exception {
    try (Service service = Service.over(LocalCounters.now())) {
      InetSocketAddress taken =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), service.server.port());
      IOException refused = assertThrows(IOException.class, () -> start(taken));
      assertEquals(
          "gRPC cannot listen on %s:%d: Address already in use;"
                  .formatted(taken.getHostString(), taken.getPort())
              + " stop what listens there or use another port or address",
          refused.getMessage());
    }
  }

  @Test
  void nameWithoutAddress_isTold() {
    IOException refused =
        assertThrows(
            IOException.class,
            () -> start(InetSocketAddress.createUnresolved("no-such-host.invalid", 8081)));
    assertEquals(
        "gRPC cannot listen on no-such-host.invalid:8081: the name has no address;"
            + " bind an address of this host",
        refused.getMessage());
  }

  private static void start(InetSocketAddress address) throws IOException {
    Limiter limiter = Limiters.over(LocalCounters.now(), DecisionListener.NONE);
    GrpcServer.start(
            address,
            new RateLimiterApi(limiter, RequestLimits.DEFAULTS),
            new EnvoyApi(limiter, EnvoySettings.DEFAULTS))
        .shutdown(Duration.ZERO);
  }
}
