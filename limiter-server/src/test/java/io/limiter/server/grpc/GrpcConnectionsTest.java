package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.Limiters;
import io.limiter.server.envoy.EnvoyApi;
import io.limiter.server.envoy.EnvoySettings;
import io.limiter.server.store.local.LocalCounters;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GrpcConnectionsTest {
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final Duration SHORT = Duration.ofMillis(100);

  /** A client's preface, and its empty SETTINGS. */
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);

  private static GrpcServer serve(GrpcConnections connections) throws IOException {
    Limiter limiter = Limiters.over(LocalCounters.now(), DecisionListener.NONE);
    return GrpcServer.start(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        connections,
        new RateLimiterApi(limiter, RequestLimits.DEFAULTS),
        new EnvoyApi(limiter, EnvoySettings.DEFAULTS));
  }

  @Test
  void aClientThatVanished_isPinged_andCut() throws IOException {
    GrpcServer server = serve(new GrpcConnections(SHORT, SHORT, Duration.ZERO, LONG));
    try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      silent.getOutputStream().write(PREFACE);
      InputStream in = silent.getInputStream();
      boolean pinged = false;
      for (byte[] frame = in.readNBytes(9); frame.length == 9; frame = in.readNBytes(9)) {
        int length = ((frame[0] & 255) << 16) | ((frame[1] & 255) << 8) | (frame[2] & 255);
        pinged |= frame[3] == 6 && (frame[4] & 1) == 0;
        in.readNBytes(length);
      }
      assertTrue(pinged, "the connection ended without a ping");
    } finally {
      server.shutdown(Duration.ZERO);
    }
  }

  /** gRPC has no age below a second, and varies it by a tenth. */
  @Test
  void anOldConnection_isLeft_andWhatOutlastsTheGraceIsCut() throws IOException {
    GrpcServer server =
        serve(new GrpcConnections(LONG, LONG, Duration.ofSeconds(1), Duration.ofMillis(100)));
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
    try {
      Iterator<HealthCheckResponse> watch =
          HealthGrpc.newBlockingStub(channel).watch(HealthCheckRequest.getDefaultInstance());
      watch.next();
      StatusRuntimeException cut = assertThrows(StatusRuntimeException.class, watch::next);
      assertEquals(Status.Code.UNAVAILABLE, cut.getStatus().getCode());
      // The channel connects anew by itself.
      HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance());
    } finally {
      channel.shutdownNow();
      server.shutdown(Duration.ZERO);
    }
  }
}
