package io.limiter.server.http;

import static io.limiter.server.http.TlsClients.connect;
import static io.limiter.server.http.TlsClients.identity;
import static io.limiter.server.http.TlsClients.shown;
import static io.limiter.server.http.TlsClients.tls;
import static io.limiter.server.http.TlsClients.trusting;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.limiter.server.certificate.CertificateWatch;
import io.limiter.server.certificate.RefusedHandshakes;
import io.limiter.server.certificate.ServerTls;
import io.limiter.testing.Authority;
import io.limiter.testing.Await;
import io.limiter.testing.Identity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What the HTTP port does over TLS, and with certificates that change. */
@Timeout(120)
class HttpTlsTest {
  private static final String PROFILE =
      """
      authorize:
        shop:
          domain: edge
          attributes: { user: { header: X-User } }
      """;

  private static final String RULES =
      """
      domain: edge
      rules:
        - { name: per-user, key: [user], algorithm: fixed-window, limit: 3, window: 300d }
      """;

  @TempDir static Path folder;
  private static Identity first;
  private static Identity second;

  @BeforeAll
  static void make() throws Exception {
    first = identity(folder, "first");
    second = identity(folder, "second");
  }

  private static HttpService serve(ServerTls tls) {
    return new HttpService(Optional.of(tls), HttpBounds.ofThisProcess());
  }

  @Test
  void bothVersionsOfHttp_answerCallsGatewaysAndProbes() throws Exception {
    try (HttpService service = serve(tls(first))) {
      service.serve(RULES, PROFILE);
      for (HttpClient.Version version : HttpClient.Version.values()) {
        HttpClient client = TlsClients.client(trusting(first), version);
        HttpResponse<String> check =
            client.send(
                request(service, "/v1/check")
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(HttpService.ALICE))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        HttpResponse<String> gateway =
            get(client, request(service, "/v1/authorize/shop").header("X-User", version.name()));
        HttpResponse<String> probe = get(client, request(service, "/livez"));
        for (HttpResponse<String> answer : List.of(check, gateway, probe)) {
          assertEquals(version, answer.version());
          assertEquals(200, answer.statusCode(), answer::body);
        }
        assertTrue(HttpService.json(check).get("allowed").getAsBoolean());
        assertEquals("2", gateway.headers().firstValue("X-RateLimit-Remaining").orElseThrow());
        assertEquals("alive\n", probe.body());
      }
    }
  }

  @Test
  void tls12_isSpokenToo() throws Exception {
    try (HttpService service = serve(tls(first));
        SSLSocket socket =
            (SSLSocket)
                trusting(first).getSocketFactory().createSocket("127.0.0.1", service.port())) {
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      socket.startHandshake();
      assertEquals("TLSv1.2", socket.getSession().getProtocol());
      assertAlive(socket);
    }
  }

  @Test
  void plainHttp_isHungUpOn_andHarmsNobody() throws Exception {
    try (HttpService service = serve(tls(first));
        SSLSocket other = connect(trusting(first), service.port(), "http/1.1");
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
      plain.getOutputStream().write("GET /livez HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(US_ASCII));
      byte[] answer = plain.getInputStream().readAllBytes();
      assertTrue(!new String(answer, US_ASCII).contains("alive"));
      assertAlive(other);
    }
  }

  /** As cert-manager and Kubernetes do it: a link is replaced, and with it both files at once. */
  @Test
  void aRotatedCertificate_isShownToNewConnections_whileOldOnesGoOn() throws Exception {
    Path secret = secret(first);
    try (HttpService service = serve(mounted(secret));
        SSLSocket old = connect(trusting(first, second), service.port(), "http/1.1")) {
      assertEquals("CN=first", shown(old));
      rotate(secret, second.certificate(), second.key());
      awaitShown(service, "CN=second");
      assertAlive(old);
    }
  }

  @Test
  void aBrokenRotation_leavesTheOldInForce_untilItIsMended() throws Exception {
    Path secret = secret(first);
    ListAppender<ILoggingEvent> log = listenTo(CertificateWatch.class);
    try (HttpService service = serve(mounted(secret))) {
      rotate(secret, second.certificate(), first.key());
      Await.until(() -> !lines(log).isEmpty());
      assertEquals(
          List.of(
              "HTTP goes on with the old certificate, since the key for HTTP, %s, is not that of the certificate; name the two that belong together"
                  .formatted(secret.resolve("tls.key"))),
          lines(log));
      try (SSLSocket socket = connect(trusting(first), service.port(), "h2")) {
        assertEquals("CN=first", shown(socket));
      }
      rotate(secret, second.certificate(), second.key());
      awaitShown(service, "CN=second");
      Await.until(() -> lines(log).size() > 1);
      assertEquals(2, lines(log).size(), () -> lines(log).toString());
    } finally {
      log.stop();
    }
  }

  @Test
  void whoShowsNoCertificate_isHungUpOn_whereOneIsAskedFor() throws Exception {
    ServerTls tls =
        new ServerTls("HTTP", first.certificate(), first.key(), Optional.of(second.certificate()));
    try (HttpService service = serve(tls)) {
      HttpClient known =
          TlsClients.client(TlsClients.showing(second, first), HttpClient.Version.HTTP_2);
      assertEquals(200, get(known, request(service, "/livez")).statusCode());
      HttpClient unknown = TlsClients.client(trusting(first), HttpClient.Version.HTTP_2);
      assertThrows(IOException.class, () -> get(unknown, request(service, "/livez")));
      assertEquals(200, get(known, request(service, "/livez")).statusCode());
    }
  }

  @Test
  void whatIsWrongWithACertificate_isLogged_withWhoseItIs() throws Exception {
    Authority service = new Authority("service-ca");
    Authority callers = new Authority("callers-ca");
    Authority.Signed shown = service.sign("limiter", Authority.San.loopback());
    ServerTls tls =
        new ServerTls(
            "HTTP",
            shown.certificateFile(folder),
            shown.keyFile(folder),
            Optional.of(Authority.file(folder.resolve("callers.crt"), callers)),
            /* withoutCertificate= */ true);
    Authority.Signed old =
        callers.sign("old", Duration.ofHours(-2), Duration.ofHours(-1), Authority.San.dns("a"));
    Identity good = of(callers.sign("good"));
    Identity trusted = of(shown, service);
    ListAppender<ILoggingEvent> log = listenTo(RefusedHandshakes.class);
    try (HttpService http = serve(tls)) {
      for (SSLContext context : List.of(trusting(trusted), TlsClients.showing(good, trusted))) {
        try (SSLSocket socket = connect(context, http.port(), "http/1.1")) {
          assertAlive(socket);
        }
      }
      assertEquals(List.of(), lines(log));
      assertThrows(IOException.class, () -> alive(TlsClients.showing(of(old), trusted), http));
      Await.until(() -> !lines(log).isEmpty());
      assertEquals(
          List.of(
              "HTTP refused a caller from 127.0.0.1: its certificate, CN=old, expired at %s; give it a new one"
                  .formatted(old.certificate().getNotAfter().toInstant())),
          lines(log));
      SSLContext again = TlsClients.showing(good, trusted);
      long first = alive(again, http);
      Await.until(() -> System.currentTimeMillis() > first);
      assertTrue(alive(again, http) > first, "a session was taken up again");
    } finally {
      log.stop();
    }
  }

  /** When the session began. */
  private static long alive(SSLContext context, HttpService http) throws IOException {
    try (SSLSocket socket = connect(context, http.port(), "http/1.1")) {
      assertAlive(socket);
      return socket.getSession().getCreationTime();
    }
  }

  private static Identity of(Authority.Signed signed) throws Exception {
    return new Identity(signed.certificateFile(folder), signed.keyFile(folder), signed.store());
  }

  /** To trust what an authority signed. */
  private static Identity of(Authority.Signed signed, Authority by) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("ca", by.certificate());
    return new Identity(signed.certificateFile(folder), signed.keyFile(folder), trusted);
  }

  /** By each event loop: they take turns. */
  private static void awaitShown(HttpService service, String subject) throws Exception {
    SSLContext context = trusting(first, second);
    Await.until(
        () -> {
          boolean byAll = true;
          for (int i = 0; i < 8 && byAll; i++) {
            try (SSLSocket socket = connect(context, service.port(), "h2")) {
              byAll = shown(socket).equals(subject);
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          }
          return byAll;
        });
  }

  /**
   * A folder as Kubernetes mounts a secret: the files are links through a link that is replaced.
   */
  private static Path secret(Identity identity) throws IOException {
    Path secret = Files.createTempDirectory(folder, "secret");
    rotate(secret, identity.certificate(), identity.key());
    Files.createSymbolicLink(secret.resolve("tls.crt"), Path.of("..data/tls.crt"));
    Files.createSymbolicLink(secret.resolve("tls.key"), Path.of("..data/tls.key"));
    return secret;
  }

  private static void rotate(Path secret, Path certificate, Path key) throws IOException {
    Path version = Files.createTempDirectory(secret, "..version");
    Files.copy(certificate, version.resolve("tls.crt"));
    Files.copy(key, version.resolve("tls.key"));
    Path link = secret.resolve("..data_tmp");
    Files.createSymbolicLink(link, version.getFileName());
    Files.move(
        link,
        secret.resolve("..data"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static ServerTls mounted(Path secret) {
    return new ServerTls(
        "HTTP", secret.resolve("tls.crt"), secret.resolve("tls.key"), Optional.empty());
  }

  private static void assertAlive(Socket socket) throws IOException {
    socket.getOutputStream().write("GET /livez HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(US_ASCII));
    byte[] status = socket.getInputStream().readNBytes("HTTP/1.1 200".length());
    assertEquals("HTTP/1.1 200", new String(status, US_ASCII));
  }

  private static HttpRequest.Builder request(HttpService service, String path) {
    return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + service.port() + path));
  }

  private static HttpResponse<String> get(HttpClient client, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static ListAppender<ILoggingEvent> listenTo(Class<?> speaker) {
    ListAppender<ILoggingEvent> heard = new ListAppender<>();
    heard.list = new CopyOnWriteArrayList<>();
    heard.start();
    ((Logger) LoggerFactory.getLogger(speaker)).addAppender(heard);
    return heard;
  }

  private static List<String> lines(ListAppender<ILoggingEvent> log) {
    return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}
