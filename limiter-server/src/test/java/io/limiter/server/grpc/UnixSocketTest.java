package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.Limiters;
import io.limiter.server.envoy.EnvoyApi;
import io.limiter.server.envoy.EnvoySettings;
import io.limiter.server.store.local.LocalCounters;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketTest {
  @TempDir Path temp;

  private Path path() {
    return temp.resolve("grpc.sock");
  }

  private static GrpcServer serve(Path path, String mode) throws IOException {
    Limiter limiter = Limiters.over(LocalCounters.now(), DecisionListener.NONE);
    return GrpcServer.start(
        new UnixSocket(path, PosixFilePermissions.fromString(mode)),
        GrpcConnections.DEFAULTS,
        Optional.empty(),
        new RateLimiterApi(limiter, RequestLimits.DEFAULTS),
        new EnvoyApi(limiter, EnvoySettings.DEFAULTS));
  }

  private static ServingStatus ask(Path path) {
    ManagedChannel channel =
        Grpc.newChannelBuilder("unix://" + path, InsecureChannelCredentials.create()).build();
    try {
      return HealthGrpc.newBlockingStub(channel)
          .withDeadlineAfter(20, TimeUnit.SECONDS)
          .check(HealthCheckRequest.newBuilder().setService("ratelimit").build())
          .getStatus();
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void aSocket_isServedWithItsMode_andRemovedAtTheEnd() throws IOException {
    GrpcServer server = serve(path(), "rw-rw----");
    try {
      assertEquals(ServingStatus.SERVING, ask(path()));
      assertEquals(
          "rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(path())));
    } finally {
      server.shutdown(Duration.ZERO);
    }
    assertFalse(Files.exists(path()));
  }

  /** As one who was killed leaves it. */
  @Test
  void aSocketLeftBehind_isReplaced() throws IOException {
    ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    killed.bind(UnixDomainSocketAddress.of(path()));
    killed.close();
    assertTrue(Files.exists(path()));
    GrpcServer server = serve(path(), "rw-rw-rw-");
    try {
      assertEquals(ServingStatus.SERVING, ask(path()));
    } finally {
      server.shutdown(Duration.ZERO);
    }
  }

  @Test
  void aSocketThatIsListenedOn_isLeftAlone() throws IOException {
    GrpcServer first = serve(path(), "rw-rw----");
    try {
      assertRefused(path(), "something listens there; stop it or name another path");
      assertEquals(ServingStatus.SERVING, ask(path()));
    } finally {
      first.shutdown(Duration.ZERO);
    }
  }

  @Test
  void aFileThatIsNoSocket_isLeftAlone() throws IOException {
    Files.writeString(path(), "precious");
    assertRefused(path(), "a file is there that is no socket; remove it or name another path");
    assertEquals("precious", Files.readString(path()));
  }

  @Test
  void aPathThatCannotBe_isRefusedWithTheReason() {
    Path nowhere = temp.resolve("nowhere/grpc.sock");
    assertRefused(
        nowhere, nowhere.getParent() + " is no folder that this user may write to; make one");
    assertRefused(
        temp.resolve("x".repeat(108)),
        "its path is longer than 107 bytes, which a socket's may not be; shorten it");
  }

  private static void assertRefused(Path path, String why) {
    IOException refused = assertThrows(IOException.class, () -> serve(path, "rw-rw----"));
    assertEquals(
        "--grpc-uds: gRPC cannot listen on %s: %s".formatted(path, why), refused.getMessage());
  }
}
