package io.limiter.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.certificate.ServerTls;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.envoy.EnvoyApi;
import io.limiter.server.envoy.EnvoySettings;
import io.limiter.server.grpc.GrpcConnections;
import io.limiter.server.grpc.GrpcServer;
import io.limiter.server.http.HttpServer;
import io.limiter.server.http.Readiness;
import io.limiter.server.metrics.Metrics;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.server.rules.table.RuleTable;
import io.limiter.server.store.local.LocalCounterStore;
import io.limiter.testing.Authority;
import io.limiter.testing.Identity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLServerSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands that are aimed at a port of another kind say what is there, and which port to name. */
@Timeout(120)
class WrongPlaceTest {
  private static final InetSocketAddress FREE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private static final LoadedRules RULES =
      RuleFiles.load(
          List.of(
              new RuleFiles.Source(
                  "shop.yaml",
                  """
                  domain: shop
                  rules:
                    - { name: per-user, key: [user], algorithm: token-bucket, rate: 3/d }
                  """),
              new RuleFiles.Source("bad.yaml", "domain: [")));

  private static CommandRun check(int port) {
    return CommandRun.of(
        "check", "--domain", "demo", "--deadline", "1m", "--target", "127.0.0.1:" + port);
  }

  private static HttpServer http() throws IOException {
    return http(Optional.empty());
  }

  private static HttpServer http(Optional<ServerTls> tls) throws IOException {
    LiveRules live = LiveRules.fixed(RULES, Clock.systemUTC());
    return HttpServer.start(
        FREE,
        tls,
        Optional.empty(),
        new Metrics(live, "1"),
        () -> new Readiness(List.of()),
        live::state);
  }

  @Test
  void theHttpPort_isToldFromTheGrpcPort() throws IOException {
    HttpServer http = http();
    try {
      CommandRun run = check(http.port());
      assertEquals(
          ("limiter: 127.0.0.1:%d speaks HTTP/1, not gRPC without TLS; name the service's gRPC"
                  + " port with --target, 8081 by default%n")
              .formatted(http.port()),
          run.err());
      assertEquals(2, run.exitCode());
    } finally {
      http.stop();
    }
  }

  @Test
  void rulesOverTls_needTheCaOfTheCertificate(@TempDir Path folder) throws Exception {
    Identity known = Identity.make(folder, "known", "san=ip:127.0.0.1");
    Identity other = Identity.make(folder, "other", "san=ip:127.0.0.1");
    HttpServer http =
        http(
            Optional.of(new ServerTls("HTTP", known.certificate(), known.key(), Optional.empty())));
    try {
      String target = "127.0.0.1:" + http.port();
      CommandRun trusted = rules(target, "--http-ca", known.certificate().toString());
      assertTrue(trusted.out().contains("shop"), trusted::err);
      CommandRun untrusted = rules(target, "--http-ca", other.certificate().toString());
      assertTrue(
          untrusted.err().endsWith("; name the CA of its certificate with --http-ca\n"),
          untrusted::err);
      assertEquals(
          "limiter: --http-ca: the CA of the service, /nowhere, is not there; name one that is\n",
          rules(target, "--http-ca", "/nowhere").err());
      assertTrue(
          rules(target).err().endsWith(", and --http-ca if it has TLS\n"), rules(target)::err);
    } finally {
      http.stop();
    }
  }

  private static GrpcServer grpc(Optional<ServerTls> tls) throws IOException {
    Limiter limiter =
        new Limiter(() -> RuleTable.EMPTY, new LocalCounterStore(() -> 1), DecisionListener.NONE);
    return GrpcServer.start(
        FREE,
        GrpcConnections.DEFAULTS,
        tls,
        /* access= */ Optional.empty(),
        new RateLimiterApi(limiter, RequestLimits.DEFAULTS),
        new EnvoyApi(limiter, EnvoySettings.DEFAULTS));
  }

  private static CommandRun ask(int port, String... more) {
    return CommandRun.of(
        Stream.concat(
                Stream.of(
                    "check",
                    "--domain",
                    "demo",
                    "--deadline",
                    "1m",
                    "--target",
                    "127.0.0.1:" + port),
                Stream.of(more))
            .toArray(String[]::new));
  }

  @Test
  void overTls_theCaIsNeeded_andACertificateWhereOneIsAskedFor(@TempDir Path folder)
      throws Exception {
    Authority authority = new Authority("ca");
    Authority.Signed service = authority.sign("limiter", Authority.San.loopback());
    Authority.Signed own = authority.sign("me");
    Path ca = Authority.file(folder.resolve("ca.crt"), authority);
    Path other = Authority.file(folder.resolve("other.crt"), new Authority("other"));
    String[] shown = {
      "--cert", own.certificateFile(folder).toString(), "--key", own.keyFile(folder).toString()
    };
    ServerTls files =
        new ServerTls(
            "gRPC", service.certificateFile(folder), service.keyFile(folder), Optional.of(ca));
    GrpcServer grpc = grpc(Optional.of(files));
    try {
      CommandRun known =
          ask(grpc.port(), "--cacert", ca.toString(), shown[0], shown[1], shown[2], shown[3]);
      assertTrue(
          known.err().contains("has no rules") || known.err().contains("domain"), known::err);
      assertTrue(!known.err().contains("no answer"), known::err);
      CommandRun unknown = ask(grpc.port(), "--cacert", ca.toString());
      assertTrue(
          unknown
              .err()
              .endsWith("; show it a certificate that its CA signed, with --cert and --key\n"),
          unknown::err);
      CommandRun untrusting = ask(grpc.port(), "--cacert", other.toString());
      assertTrue(
          untrusting
              .err()
              .endsWith(
                  "; name the CA of its certificate with --cacert, and a name that is in it with --target\n"),
          untrusting::err);
      CommandRun clear = ask(grpc.port());
      assertEquals(
          "limiter: 127.0.0.1:%d took the connection and closed it without an answer; does it speak TLS? Add --cacert, or name the service's gRPC port with --target, 8081 by default\n"
              .formatted(grpc.port()),
          clear.err());
    } finally {
      grpc.shutdown(Duration.ZERO);
    }
    GrpcServer clear = grpc(Optional.empty());
    try {
      assertEquals(
          "limiter: no answer from 127.0.0.1:%d over TLS: it speaks none; ask without --tls, --cacert and --cert\n"
              .formatted(clear.port()),
          ask(clear.port(), "--tls").err());
    } finally {
      clear.shutdown(Duration.ZERO);
    }
  }

  private static CommandRun rules(String target, String... more) {
    return CommandRun.of(
        Stream.concat(
                Stream.of("rules", "--deadline", "1m", "--http-target", target), Stream.of(more))
            .toArray(String[]::new));
  }

  @Test
  void aTlsPort_isSaidToBeOne() throws IOException {
    try (ServerSocket tls =
        SSLServerSocketFactory.getDefault()
            .createServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      serve(tls, socket -> socket.getInputStream().read());
      CommandRun run = check(tls.getLocalPort());
      assertTrue(run.err().contains("TLS"), run::err);
      assertTrue(
          run.err().endsWith(" the service's gRPC port with --target, 8081 by default\n"),
          run::err);
      assertEquals(2, run.exitCode());
    }
  }

  @Test
  void aPortThatClosesAtOnce_isNotTakenForAService() throws IOException {
    try (ServerSocket closing = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      serve(closing, socket -> {});
      CommandRun run = check(closing.getLocalPort());
      assertTrue(run.err().contains("127.0.0.1:" + closing.getLocalPort()), run::err);
      assertTrue(run.err().contains("--target"), run::err);
      assertEquals(2, run.exitCode());
    }
  }

  @Test
  void anotherGrpcService_isSaidToBeNoLimiter() throws IOException {
    Server other = NettyServerBuilder.forAddress(FREE).build().start();
    try {
      CommandRun run = check(other.getPort());
      assertEquals(
          ("limiter: 127.0.0.1:%d speaks gRPC, but is no limiter that knows this question;"
                  + " name another with --target%n")
              .formatted(other.getPort()),
          run.err());
      assertEquals(2, run.exitCode());
    } finally {
      other.shutdownNow();
    }
  }

  @Test
  void aNameWithoutAddress_isSaidToBeOne() {
    CommandRun run =
        CommandRun.of(
            "check", "--domain", "demo", "--deadline", "1m", "--target", "nowhere.invalid:8081");
    assertTrue(
        run.err().startsWith("limiter: no answer from nowhere.invalid:8081: this name has no"),
        run::err);
    assertEquals(2, run.exitCode());
  }

  @Test
  void rules_showsWhatIsInForce_andWhatIsWrongWithTheFiles() throws IOException {
    HttpServer http = http();
    try {
      CommandRun run =
          CommandRun.of("rules", "--deadline", "1m", "--http-target", "127.0.0.1:" + http.port());
      List<String> lines = run.out().lines().toList();
      assertTrue(lines.get(0).startsWith("1 domain in force, loaded at 2"), run::toString);
      assertTrue(lines.get(1).startsWith("  shop  1 rule from shop.yaml, since 2"), run::out);
      assertEquals("", lines.get(2));
      assertTrue(
          lines.get(3).endsWith("in the files as they are now; the rules above stay in force:"),
          run::out);
      assertTrue(lines.get(4).startsWith("  bad.yaml:1:"), run::out);
      assertEquals(1, run.exitCode());
      CommandRun json =
          CommandRun.of("rules", "--json", "--http-target", "127.0.0.1:" + http.port());
      assertTrue(json.out().startsWith("{"), json::out);
    } finally {
      http.stop();
    }
  }

  @Test
  void rules_aimedAtTheGrpcPortOrAtNothing_namesTheHttpPort() throws IOException {
    GrpcServer grpc = grpc(Optional.empty());
    try {
      CommandRun run =
          CommandRun.of("rules", "--deadline", "1m", "--http-target", "127.0.0.1:" + grpc.port());
      assertEquals(
          ("limiter: 127.0.0.1:%d has no page /rules; name the service's HTTP port with"
                  + " --http-target, 8080 by default, and --http-ca if it has TLS%n")
              .formatted(grpc.port()),
          run.err());
      assertEquals(2, run.exitCode());
    } finally {
      grpc.shutdown(Duration.ZERO);
    }
    CommandRun nothing = CommandRun.of("rules", "--http-target", "127.0.0.1:1");
    assertTrue(nothing.err().startsWith("limiter: no answer from 127.0.0.1:1: "), nothing::err);
    assertTrue(
        nothing.err().endsWith("limiter serve\", or name another with --http-target\n"),
        nothing::err);
    assertEquals(2, nothing.exitCode());
  }

  private interface Conversation {
    void with(Socket socket) throws IOException;
  }

  /** Holds a conversation with each caller, until the port is closed. */
  private static void serve(ServerSocket port, Conversation conversation) {
    Thread thread =
        new Thread(
            () -> {
              while (!port.isClosed()) {
                try (Socket socket = port.accept()) {
                  conversation.with(socket);
                } catch (IOException e) {
                  // The caller does not speak as the port expects; the next may.
                }
              }
            });
    thread.setDaemon(true);
    thread.start();
  }
}
