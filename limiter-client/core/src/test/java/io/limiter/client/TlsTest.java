package io.limiter.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Over real sockets, with certificates that sign themselves. */
@Timeout(120)
final class TlsTest {
  private static final String PASSWORD = "only for this test";

  @TempDir private static Path directory;
  private static Identity service;
  private static Identity caller;
  private static Server server;
  private static Server mutual;

  private record Identity(Path certificate, Path key) {}

  @BeforeAll
  static void start() throws Exception {
    service = identity("service", "san=ip:127.0.0.1,dns:limiter.test");
    caller = identity("caller", "san=dns:caller.test");
    server = serve(credentials());
    mutual =
        serve(
            credentials()
                .trustManager(caller.certificate().toFile())
                .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE));
  }

  @AfterAll
  static void stop() {
    server.shutdownNow();
    mutual.shutdownNow();
  }

  @Test
  void trustedService_isAsked() {
    assertInstanceOf(Decision.Admitted.class, ask(server, Tls.trusting(service.certificate())));
  }

  @Test
  void serverName_takesTheTargetsPlace() {
    Tls tls = Tls.trusting(service.certificate());
    assertInstanceOf(Decision.Admitted.class, ask(server, tls.serverName("limiter.test")));
    assertUnreachable(ask(server, tls.serverName("another.test")));
  }

  @Test
  void untrustedService_isUnreachable() {
    assertUnreachable(ask(server, Tls.trusting(caller.certificate())));
    assertUnreachable(ask(server, Tls.trustingSystem()));
  }

  @Test
  void caller_isAskedForItsIdentityUnderMutualTls() {
    Tls tls = Tls.trusting(service.certificate());
    assertUnreachable(ask(mutual, tls));
    assertInstanceOf(
        Decision.Admitted.class, ask(mutual, tls.identity(caller.certificate(), caller.key())));
  }

  @Test
  void missingFile_isNamed() {
    Path missing = directory.resolve("missing.pem");
    LimiterClientBuilder builder = LimiterClient.to("127.0.0.1:1").tls(Tls.trusting(missing));
    UncheckedIOException thrown = assertThrows(UncheckedIOException.class, builder::build);
    assertTrue(thrown.toString().contains("missing.pem"), thrown::toString);
  }

  private static Decision ask(Server server, Tls tls) {
    try (LimiterClient client =
        LimiterClient.to("127.0.0.1:" + server.getPort())
            .tls(tls)
            .deadline(Duration.ofSeconds(30))
            .build()) {
      return client.check(CheckRequest.in("edge"));
    }
  }

  private static void assertUnreachable(Decision decision) {
    Decision.Unreachable unreachable = assertInstanceOf(Decision.Unreachable.class, decision);
    assertEquals(Status.Code.UNAVAILABLE, unreachable.cause().code());
  }

  private static TlsServerCredentials.Builder credentials() throws Exception {
    return TlsServerCredentials.newBuilder()
        .keyManager(service.certificate().toFile(), service.key().toFile());
  }

  private static Server serve(TlsServerCredentials.Builder credentials) throws Exception {
    return NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), credentials.build())
        .addService(
            new RateLimiterGrpc.RateLimiterImplBase() {
              @Override
              public void checkAndConsume(
                  CheckAndConsumeRequest question,
                  StreamObserver<CheckAndConsumeResponse> replies) {
                replies.onNext(ServiceFake.admitted());
                replies.onCompleted();
              }
            })
        .build()
        .start();
  }

  private static Identity identity(String name, String extension) throws Exception {
    Path store = directory.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                extension,
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, keytool.waitFor(), said);
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    return new Identity(
        pem(name + ".crt", "CERTIFICATE", keys.getCertificate(name).getEncoded()),
        pem(name + ".key", "PRIVATE KEY", keys.getKey(name, PASSWORD.toCharArray()).getEncoded()));
  }

  private static Path pem(String file, String type, byte[] encoded) throws Exception {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
    return Files.writeString(
        directory.resolve(file),
        "-----BEGIN %s-----%n%s%n-----END %s-----%n".formatted(type, body, type));
  }
}
