package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.TlsChannelCredentials;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.certificate.ServerTls;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiters;
import io.limiter.server.grpc.peer.GrpcTls;
import io.limiter.server.grpc.peer.Peer;
import io.limiter.server.store.local.LocalCounters;
import io.limiter.testing.Authority;
import io.limiter.testing.Authority.San;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What calls know of whoever makes them. */
@Timeout(60)
class PeerTest {
  @TempDir Path folder;
  private final List<Known> known = new CopyOnWriteArrayList<>();

  private record Known(OptionalInt uid, List<String> names) {}

  private final class Asking implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      known.add(new Known(Peer.uid(call), Peer.names(call)));
      return next.startCall(call, headers);
    }
  }

  private Server serve(NettyServerBuilder builder, Optional<GrpcTls> tls) throws Exception {
    RateLimiterApi api =
        new RateLimiterApi(
            Limiters.over(LocalCounters.now(), DecisionListener.NONE), RequestLimits.DEFAULTS);
    return new Connections(GrpcBounds.ofThisProcess(), api, tls)
        .guard(builder)
        .directExecutor()
        .intercept(new Asking())
        .addService(new HealthStatusManager().getHealthService())
        .build()
        .start();
  }

  private static void ask(String target, ChannelCredentials credentials) {
    ManagedChannel channel = Grpc.newChannelBuilder(target, credentials).build();
    try {
      HealthGrpc.newBlockingStub(channel)
          .withDeadlineAfter(20, TimeUnit.SECONDS)
          .check(HealthCheckRequest.getDefaultInstance());
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void overAUnixSocket_theirUserIsKnown() throws Exception {
    UnixSocket socket =
        new UnixSocket(folder.resolve("s"), PosixFilePermissions.fromString("rw-rw----"));
    UnixTransport transport = UnixTransport.create();
    Server server =
        serve(
            transport.carry(NettyServerBuilder.forAddress(UnixTransport.address(socket))),
            Optional.empty());
    try {
      ask("unix://" + socket.path(), InsecureChannelCredentials.create());
      int ours = (Integer) Files.getAttribute(folder, "unix:uid");
      assertEquals(List.of(new Known(OptionalInt.of(ours), List.of())), known);
    } finally {
      server.shutdownNow().awaitTermination();
      transport.close();
    }
  }

  @Test
  void overTls_theNamesInTheirCertificateAre() throws Exception {
    Authority authority = new Authority("ca");
    Path ca = Authority.file(folder.resolve("ca.crt"), authority);
    Authority.Signed service = authority.sign("service", San.loopback());
    Authority.Signed own = authority.sign("web", San.dns("web.example"), San.uri("spiffe://p/w"));
    GrpcTls tls =
        GrpcTls.of(
            new ServerTls(
                "gRPC",
                service.certificateFile(folder),
                service.keyFile(folder),
                Optional.of(ca),
                /* withoutCertificate= */ true));
    Server server =
        serve(
            NettyServerBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
            Optional.of(tls));
    try {
      String target = "127.0.0.1:" + server.getPort();
      TlsChannelCredentials.Builder trusting =
          TlsChannelCredentials.newBuilder().trustManager(ca.toFile());
      ask(target, trusting.build());
      ask(
          target,
          trusting
              .keyManager(own.certificateFile(folder).toFile(), own.keyFile(folder).toFile())
              .build());
      assertEquals(
          List.of(
              new Known(OptionalInt.empty(), List.of()),
              new Known(OptionalInt.empty(), List.of("spiffe://p/w", "web.example"))),
          known);
    } finally {
      server.shutdownNow().awaitTermination();
      tls.close();
    }
  }

  @Test
  void inClear_nothingIs() throws Exception {
    Server server =
        serve(
            NettyServerBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
            Optional.empty());
    try {
      ask("127.0.0.1:" + server.getPort(), InsecureChannelCredentials.create());
      assertEquals(List.of(new Known(OptionalInt.empty(), List.of())), known);
    } finally {
      server.shutdownNow().awaitTermination();
    }
  }
}
