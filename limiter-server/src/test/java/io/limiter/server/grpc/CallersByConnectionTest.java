package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.limiter.server.access.Access;
import io.limiter.server.access.AccessListener;
import io.limiter.server.access.file.AccessFiles;
import io.limiter.server.access.file.AccessWatch;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.certificate.ServerTls;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.Limiters;
import io.limiter.server.envoy.EnvoyApi;
import io.limiter.server.envoy.EnvoySettings;
import io.limiter.server.store.local.LocalCounters;
import io.limiter.testing.Authority;
import io.limiter.testing.Authority.San;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.RateLimiterGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Callers who are told by their connection: by a certificate, or by a user of this host. */
@Timeout(120)
class CallersByConnectionTest {
  @TempDir Path folder;
  private @Nullable GrpcServer server;
  private @Nullable AccessWatch watch;

  @AfterEach
  void close() {
    if (server != null) {
      server.shutdown(Duration.ZERO);
    }
    if (watch != null) {
      watch.close();
    }
  }

  private Access access(String told) throws IOException {
    Files.writeString(folder.resolve("secrets"), "s".repeat(40));
    Path file =
        Files.writeString(
            folder.resolve("access.yaml"),
            """
            callers:
              - name: web
                %s
                grants: [{ methods: [check], domains: [edge] }]
            """
                .formatted(told));
    watch =
        AccessWatch.over(
            new AccessFiles(file, folder.resolve("secrets")),
            AccessListener.NONE,
            System::currentTimeMillis);
    return watch.access().orElseThrow();
  }

  private static Limiter limiter() {
    return Limiters.over(LocalCounters.now(), DecisionListener.NONE);
  }

  private static RateLimiterApi api() {
    return new RateLimiterApi(limiter(), RequestLimits.DEFAULTS);
  }

  private static EnvoyApi envoy() {
    return new EnvoyApi(limiter(), EnvoySettings.DEFAULTS);
  }

  private static Status.Code ask(String target, ChannelCredentials credentials, String domain) {
    ManagedChannel channel = Grpc.newChannelBuilder(target, credentials).build();
    try {
      RateLimiterGrpc.newBlockingStub(channel)
          .withDeadlineAfter(20, TimeUnit.SECONDS)
          .checkAndConsume(CheckAndConsumeRequest.newBuilder().setDomain(domain).build());
      return Status.Code.OK;
    } catch (StatusRuntimeException refused) {
      return refused.getStatus().getCode();
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void aCertificate_isTheCallerThatItsNamesSay() throws Exception {
    Authority authority = new Authority("ca");
    Authority.Signed own = authority.sign("limiter", San.loopback(), San.dns("localhost"));
    Path trusted = Authority.file(folder.resolve("ca.crt"), authority);
    server =
        GrpcServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            GrpcConnections.DEFAULTS,
            Optional.of(
                new ServerTls(
                    "gRPC",
                    own.certificateFile(folder),
                    own.keyFile(folder),
                    Optional.of(trusted),
                    /* withoutCertificate= */ true)),
            Optional.of(
                access("certificates: [\"spiffe://example.org/web\", \"WEB.example.org\"]")),
            api(),
            envoy());
    String target = "127.0.0.1:" + server.port();
    TlsChannelCredentials.Builder nobody = trusting(trusted);
    assertEquals(Status.Code.UNAUTHENTICATED, ask(target, nobody.build(), "edge"));
    for (San name : new San[] {San.uri("spiffe://example.org/web"), San.dns("web.example.org")}) {
      ChannelCredentials shown = showing(trusted, authority.sign("anything", name));
      assertEquals(Status.Code.OK, ask(target, shown, "edge"));
      assertEquals(Status.Code.PERMISSION_DENIED, ask(target, shown, "other"));
    }
    ChannelCredentials other =
        showing(trusted, authority.sign("web", San.uri("spiffe://example.org/web/x")));
    assertEquals(Status.Code.UNAUTHENTICATED, ask(target, other, "edge"));
  }

  private static TlsChannelCredentials.Builder trusting(Path trusted) throws IOException {
    return TlsChannelCredentials.newBuilder().trustManager(trusted.toFile());
  }

  private ChannelCredentials showing(Path trusted, Authority.Signed own) throws IOException {
    return trusting(trusted)
        .keyManager(own.certificateFile(folder).toFile(), own.keyFile(folder).toFile())
        .build();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aUserOfThisHost_isTheCallerThatItsIdSays() throws Exception {
    int own = (Integer) Files.getAttribute(folder, "unix:uid");
    assertEquals(Status.Code.OK, askOverASocket("users: [%d]".formatted(own)));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void anotherUserOfThisHost_isNobodyWhoIsKnown() throws Exception {
    int own = (Integer) Files.getAttribute(folder, "unix:uid");
    assertEquals(Status.Code.UNAUTHENTICATED, askOverASocket("users: [%d]".formatted(own + 1)));
  }

  private Status.Code askOverASocket(String told) throws IOException {
    Path path = folder.resolve("s");
    server =
        GrpcServer.start(
            new UnixSocket(path, PosixFilePermissions.fromString("rw-rw----")),
            GrpcConnections.DEFAULTS,
            Optional.of(access(told)),
            api(),
            envoy());
    return ask("unix://" + path, InsecureChannelCredentials.create(), "edge");
  }
}
