package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.certificate.ServerTls;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiters;
import io.limiter.server.grpc.peer.GrpcTls;
import io.limiter.server.store.local.LocalCounters;
import io.limiter.testing.Authority;
import io.limiter.testing.Authority.San;
import io.limiter.testing.Await;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whoever connects and goes no further does not keep what others want for long. */
@Timeout(60)
class LateHandshakeTest {
  @TempDir Path folder;

  @Test
  void aHandshakeThatIsNotFinishedInTime_isCut_andItsPlaceIsFree() throws Exception {
    Authority.Signed service = new Authority("ca").sign("service", San.loopback());
    GrpcTls tls =
        GrpcTls.of(
            new ServerTls(
                "gRPC",
                service.certificateFile(folder),
                service.keyFile(folder),
                Optional.empty()));
    RateLimiterApi api =
        new RateLimiterApi(
            Limiters.over(LocalCounters.now(), DecisionListener.NONE), RequestLimits.DEFAULTS);
    Connections connections =
        new Connections(new GrpcBounds(8, 8, 8, 8, Duration.ofMillis(500)), api, Optional.of(tls));
    Server server =
        connections
            .guard(
                NettyServerBuilder.forAddress(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
            .directExecutor()
            .addService(new HealthStatusManager().getHealthService())
            .build()
            .start();
    try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), server.getPort());
        Socket slow = new Socket(InetAddress.getLoopbackAddress(), server.getPort())) {
      // The first bytes of a message of 512: all that comes of it.
      slow.getOutputStream().write(new byte[] {22, 3, 1, 2, 0, 1});
      assertEquals(-1, silent.getInputStream().read());
      assertEquals(-1, slow.getInputStream().read());
      Await.until(() -> connections.open() == 0);
    } finally {
      server.shutdownNow().awaitTermination();
      tls.close();
    }
  }
}
