package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.certificate.CertificateWatch;
import io.limiter.server.certificate.RefusedHandshakes;
import io.limiter.server.certificate.ServerTls;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.Limiters;
import io.limiter.server.envoy.EnvoyApi;
import io.limiter.server.envoy.EnvoySettings;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.ForwardingCounterStore;
import io.limiter.server.store.local.LocalCounters;
import io.limiter.testing.Authority;
import io.limiter.testing.Authority.San;
import io.limiter.testing.Await;
import io.limiter.testing.Identity;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What the gRPC port does over TLS, with real handshakes and files that change. */
@Timeout(120)
class GrpcTlsTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final CheckAndConsumeRequest QUESTION =
      CheckAndConsumeRequest.newBuilder().setDomain("edge").putAttributes("user", "alice").build();

  @TempDir Path folder;
  private final Authority service = authority("service-ca");
  private final Authority callers = authority("callers-ca");
  private final Gated counters = new Gated();
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final ListAppender<ILoggingEvent> refused = new ListAppender<>();
  private final ListAppender<ILoggingEvent> watched = new ListAppender<>();
  private @Nullable GrpcServer server;

  /** Counters that wait if they are told to. */
  private static final class Gated extends ForwardingCounterStore {
    final AtomicInteger asked = new AtomicInteger();
    volatile CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);

    Gated() {
      super(LocalCounters.now());
    }

    @Override
    public CompletionStage<Answer> decide(Charge charge) {
      asked.incrementAndGet();
      return gate.thenCompose(open -> super.decide(charge));
    }
  }

  private static Authority authority(String name) {
    try {
      return new Authority(name);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void listen() throws Exception {
    listenTo(RefusedHandshakes.class, refused);
    listenTo(CertificateWatch.class, watched);
    show(service, "limiter");
    trust(callers);
  }

  private static void listenTo(Class<?> speaker, ListAppender<ILoggingEvent> heard) {
    heard.list = new CopyOnWriteArrayList<>();
    heard.start();
    ((Logger) LoggerFactory.getLogger(speaker)).addAppender(heard);
  }

  @AfterEach
  void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    if (server != null) {
      server.shutdown(Duration.ZERO);
    }
    ((Logger) LoggerFactory.getLogger(RefusedHandshakes.class)).detachAppender(refused);
    ((Logger) LoggerFactory.getLogger(CertificateWatch.class)).detachAppender(watched);
  }

  private static List<String> lines(ListAppender<ILoggingEvent> log) {
    return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  private void show(Authority by, String name) throws Exception {
    Authority.Signed signed = by.sign(name, San.loopback(), San.dns("localhost"));
    replace("tls.crt", signed.certificateFile(folder));
    replace("tls.key", signed.keyFile(folder));
  }

  private void trust(Authority... authorities) throws IOException {
    replace("ca.crt", Authority.file(folder.resolve("next-ca"), authorities));
  }

  private void replace(String name, Path by) throws IOException {
    Path beside = Files.copy(by, folder.resolve("beside"), StandardCopyOption.REPLACE_EXISTING);
    Files.move(beside, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private ServerTls files(boolean clients, boolean optional) {
    return new ServerTls(
        "gRPC",
        folder.resolve("tls.crt"),
        folder.resolve("tls.key"),
        clients ? Optional.of(folder.resolve("ca.crt")) : Optional.empty(),
        optional);
  }

  private void serve(ServerTls files) throws IOException {
    Limiter limiter = Limiters.over(counters, DecisionListener.NONE, Rules.yearly(1_000_000));
    server =
        GrpcServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            GrpcConnections.DEFAULTS,
            Optional.of(files),
            /* access= */ Optional.empty(),
            new RateLimiterApi(limiter, RequestLimits.DEFAULTS),
            new EnvoyApi(limiter, EnvoySettings.DEFAULTS));
  }

  private int port() {
    return Objects.requireNonNull(server, "serve first").port();
  }

  private TlsChannelCredentials.Builder trusting(Authority authority) throws Exception {
    return TlsChannelCredentials.newBuilder()
        .trustManager(Authority.file(folder.resolve("trusted"), authority).toFile());
  }

  private ChannelCredentials showing(Authority.Signed own) throws Exception {
    return trusting(service)
        .keyManager(own.certificateFile(folder).toFile(), own.keyFile(folder).toFile())
        .build();
  }

  private RateLimiterGrpc.RateLimiterBlockingStub by(ChannelCredentials credentials) {
    ManagedChannel channel =
        Grpc.newChannelBuilderForAddress("127.0.0.1", port(), credentials).build();
    channels.add(channel);
    return RateLimiterGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  private void assertAnswered(ChannelCredentials credentials) {
    assertTrue(by(credentials).checkAndConsume(QUESTION).getAllowed());
  }

  private void assertRefused(ChannelCredentials credentials) {
    StatusRuntimeException failure =
        assertThrows(StatusRuntimeException.class, () -> by(credentials).checkAndConsume(QUESTION));
    assertEquals(Status.Code.UNAVAILABLE, failure.getStatus().getCode(), failure::toString);
  }

  /** Exactly one line, whatever it says. */
  private String refusal() {
    Await.until(() -> !refused.list.isEmpty());
    String line = lines(refused).get(0);
    refused.list.clear();
    String start = "gRPC refused a caller from 127.0.0.1: ";
    assertTrue(line.startsWith(start), line);
    // Other tests of this process may have caused the same.
    return line.substring(start.length()).replaceFirst(" \\(\\d+ more in the last .*\\)$", "");
  }

  @Test
  void whoTrustsTheCertificate_isAnswered_andWhoDoesNot_isTold() throws Exception {
    serve(files(false, false));
    assertAnswered(trusting(service).build());
    assertEquals(List.of(), lines(refused));
    assertRefused(trusting(callers).build());
    assertEquals(
        "it seems not to trust the certificate in %s; give it the CA that signed that one"
            .formatted(folder.resolve("tls.crt")),
        refusal());
  }

  @Test
  void plaintext_isHungUpOn_andHarmsNobody() throws Exception {
    serve(files(false, false));
    RateLimiterGrpc.RateLimiterBlockingStub other = by(trusting(service).build());
    other.checkAndConsume(QUESTION);
    assertRefused(InsecureChannelCredentials.create());
    assertEquals("it speaks no TLS, which this port does; have it connect with TLS", refusal());
    other.checkAndConsume(QUESTION);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void bothVersions_areSpoken(String version) throws Exception {
    serve(files(false, false));
    try (SSLSocket socket = connect(tls(Optional.empty()), version)) {
      assertEquals(version, socket.getSession().getProtocol());
      assertEquals("h2", socket.getApplicationProtocol());
    }
  }

  /** Java's own clients speak it no more, so this is written byte by byte. */
  @Test
  void tls11_isRefused() throws Exception {
    serve(files(false, false));
    byte[] hello = new byte[5 + 4 + 2 + 32 + 1 + 2 + 4 + 2];
    byte[] head = {
      22, 3, 1, 0, (byte) (hello.length - 5), 1, 0, 0, (byte) (hello.length - 9), 3, 2
    };
    System.arraycopy(head, 0, hello, 0, head.length);
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    System.arraycopy(random, 0, hello, 11, 32);
    // Two suites of then: with ECDSA and with RSA.
    byte[] tail = {0, 0, 4, (byte) 0xc0, 9, (byte) 0xc0, 0x13, 1, 0};
    System.arraycopy(tail, 0, hello, 43, tail.length);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
      socket.getOutputStream().write(hello);
      byte[] answer = socket.getInputStream().readAllBytes();
      byte[] fatalProtocolVersion = {21, 3, answer[2], 0, 2, 2, 70};
      assertArrayEquals(fatalProtocolVersion, Arrays.copyOf(answer, 7));
    }
    assertEquals("it speaks no TLS that this port does; have it use TLS 1.2 or 1.3", refusal());
  }

  @Test
  void callersMustShowACertificate_thatTheirCaSigned() throws Exception {
    serve(files(true, false));
    assertAnswered(showing(callers.sign("good")));
    assertRefused(trusting(service).build());
    assertEquals(
        "it showed no certificate; give it one that a CA in %s signed, or set --grpc-tls-client-auth optional"
            .formatted(folder.resolve("ca.crt")),
        refusal());
    assertBadOnesAreRefused();
  }

  @Test
  void whereItIsOptional_theyMayShowNone_butNoBadOne() throws Exception {
    serve(files(true, true));
    assertAnswered(showing(callers.sign("good")));
    assertAnswered(trusting(service).build());
    assertBadOnesAreRefused();
  }

  private void assertBadOnesAreRefused() throws Exception {
    assertRefused(showing(new Authority("strange").sign("a")));
    assertTrue(
        refusal().startsWith("its certificate, CN=a, issued by CN=strange, is signed by no"));
    assertRefused(showing(callers.sign("b", HOUR.multipliedBy(-2), HOUR.negated())));
    assertTrue(refusal().startsWith("its certificate, CN=b, expired at "));
    assertEquals(List.of(), lines(refused));
  }

  /** An expired certificate would be good for a day more. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aSession_isNotTakenUpAgain_whereCertificatesAreShown(String version) throws Exception {
    serve(files(true, false));
    SSLContext context = tls(Optional.of(callers.sign("good")));
    long first = begins(context, version);
    // The service ends it when it has seen who shows what, which may be after the client reads on.
    Await.until(() -> begins(context, version) > first);
  }

  /** When the session of a new connection began. Reads, so that a ticket is there. */
  private long begins(SSLContext context, String version) {
    try (SSLSocket socket = connect(context, version)) {
      socket.getInputStream().readNBytes(9);
      return socket.getSession().getCreationTime();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void newFiles_areUsedByNewConnections_andNoCallIsLost() throws Exception {
    serve(files(true, false));
    ChannelCredentials old = showing(callers.sign("old"));
    ManagedChannel channel = Grpc.newChannelBuilderForAddress("127.0.0.1", port(), old).build();
    channels.add(channel);
    counters.gate = new CompletableFuture<>();
    List<Future<CheckAndConsumeResponse>> calls = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      calls.add(
          RateLimiterGrpc.newFutureStub(channel)
              .withDeadlineAfter(60, TimeUnit.SECONDS)
              .checkAndConsume(QUESTION));
    }
    Await.until(() -> counters.asked.get() == 200);
    Authority next = new Authority("next-ca");
    trust(next);
    Await.until(() -> watched.list.size() == 1);
    assertTrue(
        lines(watched).get(0).startsWith("gRPC shows a new certificate: "),
        lines(watched)::toString);
    assertRefused(old);
    assertTrue(refusal().startsWith("its certificate, CN=old, issued by CN=callers-ca, is signed"));
    counters.gate.complete(null);
    for (Future<CheckAndConsumeResponse> call : calls) {
      assertTrue(call.get(60, TimeUnit.SECONDS).getAllowed());
    }
    RateLimiterGrpc.newBlockingStub(channel).checkAndConsume(QUESTION);
    assertAnswered(showing(next.sign("new")));
    assertEquals(1, watched.list.size());
  }

  @Test
  void filesThatCannotBeUsed_leaveTheOldInForce_untilTheyAreMended() throws Exception {
    serve(files(true, false));
    ChannelCredentials good = showing(callers.sign("good"));
    Authority.Signed other = service.sign("other", San.loopback());
    replace("tls.crt", other.certificateFile(folder));
    Await.until(() -> watched.list.size() == 1);
    assertEquals(
        List.of(
            "gRPC goes on with the old certificate, since the key for gRPC, %s, is not that of the certificate; name the two that belong together"
                .formatted(folder.resolve("tls.key"))),
        lines(watched));
    assertAnswered(good);
    Authority old = new Authority("old-ca", HOUR.multipliedBy(-2), HOUR.negated());
    trust(callers, old);
    replace("tls.key", other.keyFile(folder));
    Await.until(() -> watched.list.size() == 2);
    assertTrue(lines(watched).get(1).contains("holds CN=old-ca, which expired at"));
    assertAnswered(good);
    trust(callers);
    Await.until(() -> watched.list.size() == 3);
    assertTrue(lines(watched).get(2).startsWith("gRPC shows a new certificate: CN=other"));
    assertAnswered(good);
  }

  @Test
  void filesThatCannotBeUsed_keepItFromStarting() throws Exception {
    trust(new Authority("old-ca", HOUR.multipliedBy(-2), HOUR.negated()));
    IOException refusal = assertThrows(IOException.class, () -> serve(files(true, false)));
    assertTrue(refusal.toString().contains("CN=old-ca, which expired at"), refusal::toString);
  }

  /** Nobody is refused who only looks whether the port is open. */
  @Test
  void whoOnlyConnects_isNotLogged() throws Exception {
    serve(files(true, false));
    new Socket(InetAddress.getLoopbackAddress(), port()).close();
    assertRefused(InsecureChannelCredentials.create());
    assertEquals("it speaks no TLS, which this port does; have it connect with TLS", refusal());
    assertEquals(List.of(), lines(refused));
  }

  private SSLContext tls(Optional<Authority.Signed> own) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("service", service.certificate());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    TrustManager[] managers = trust.getTrustManagers();
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own.isPresent() ? own.get().store() : null, Identity.PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), managers, null);
    return context;
  }

  private SSLSocket connect(SSLContext context, String version) throws IOException {
    SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port());
    socket.setEnabledProtocols(new String[] {version});
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2"});
    socket.setSSLParameters(parameters);
    socket.setSoTimeout(30_000);
    socket.startHandshake();
    socket
        .getOutputStream()
        .write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
    return socket;
  }
}
