package io.limiter.server.http;

import static io.limiter.server.http.TlsClients.connect;
import static io.limiter.server.http.TlsClients.tls;
import static io.limiter.server.http.TlsClients.trusting;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.http.FrameClient.Frame;
import io.limiter.testing.Await;
import io.limiter.testing.Identity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What callers of HTTP/2 cannot do to others, nor one of their streams to another. */
@Timeout(120)
class Http2BoundsTest {
  private static final HttpBounds USUAL = HttpBounds.ofThisProcess();
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final int WINDOW = 1 << 20;
  private static final int NO_ERROR = 0;
  private static final int REFUSED_STREAM = 7;
  private static final int CANCEL = 8;
  private static final int ENHANCE_YOUR_CALM = 11;

  @TempDir static Path folder;
  private static Identity identity;

  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeAll
  static void make() throws Exception {
    identity = TlsClients.identity(folder, "service");
  }

  @AfterEach
  void close() throws Exception {
    for (int i = open.size(); i-- > 0; ) {
      open.get(i).close();
    }
  }

  private HttpService serve(HttpBounds bounds) {
    HttpService service = new HttpService(Optional.of(tls(identity)), bounds);
    open.add(service);
    service.serve();
    return service;
  }

  private FrameClient client(HttpService service) throws Exception {
    return client(service, WINDOW);
  }

  private FrameClient client(HttpService service, int window) throws Exception {
    return client(connect(trusting(identity), service.port(), "h2"), window);
  }

  private FrameClient client(Socket socket, int window) throws IOException {
    FrameClient client = new FrameClient(socket, window);
    open.add(client);
    return client;
  }

  private void assertAlive(HttpService service) throws Exception {
    assertAlive(client(service));
  }

  private static void assertAlive(FrameClient client) throws Exception {
    int probe = client.open("GET", "/livez", true);
    client.flush();
    assertEquals("200", client.status(probe));
  }

  @Test
  void handshakesThatNeverEnd_keepNoProbeWaiting_andAreCut() throws Exception {
    HttpService service = serve(USUAL.withHandshakes(64, Duration.ofMinutes(10)));
    List<Socket> silent = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      silent.add(silent(service));
      Handshakes handshakes = service.server().handshakes();
      Await.until(() -> handshakes.count() <= 64);
    }
    assertAlive(service);
    int ended = 0;
    for (Socket socket : silent.subList(0, 200)) {
      ended += socket.getInputStream().read() < 0 ? 1 : 0;
    }
    assertEquals(200, ended);
    assertAlive(service);
  }

  private Socket silent(HttpService service) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port());
    socket.setSoTimeout(FrameClient.PATIENCE_MILLIS);
    open.add(socket);
    return socket;
  }

  /** Of TLS, and of HTTP/2, whose preface is part of it. */
  @Test
  void handshakesThatNeverEnd_areCutInTime() throws Exception {
    // Time enough for the handshake of one that does end, on a busy machine.
    HttpService service = serve(USUAL.withHandshakes(512, Duration.ofSeconds(3)));
    Socket silent = silent(service);
    Socket half = silent(service);
    half.getOutputStream().write(new byte[] {22, 3, 1, 1, 0, 1});
    Socket noPreface = connect(trusting(identity), service.port(), "h2");
    open.add(noPreface);
    for (Socket socket : List.of(silent, half, noPreface)) {
      socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
    }
    Await.until(() -> service.server().handshakes().count() == 0);
    FrameClient other = client(service);
    assertAlive(other);
    assertEquals(0, service.server().handshakes().count());
  }

  @Test
  void aFloodOfResets_isEnded_andHarmsNobody() throws Exception {
    HttpService service = serve(USUAL);
    FrameClient other = client(service);
    FrameClient flood = client(service);
    CompletableFuture<Frame> ended = goAway(flood);
    try {
      for (int i = 0; i < 10 * USUAL.resets(); i++) {
        flood.reset(flood.open("POST", "/v1/check", false));
      }
      flood.flush();
    } catch (IOException cut) {
      // As it should be.
    }
    Frame goAway = ended.get();
    assertTrue(goAway == null || goAway.code() == ENHANCE_YOUR_CALM, () -> "" + goAway);
    assertAlive(other);
  }

  private static CompletableFuture<Frame> goAway(FrameClient client) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return client.next(FrameClient.GOAWAY);
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
  }

  /** Whoever gives up what takes too long is no attacker. */
  @Test
  void resetsWithinTheBound_areBorne() throws Exception {
    HttpService service = serve(USUAL);
    FrameClient client = client(service);
    for (int i = 0; i < USUAL.resets() * 3 / 4; i++) {
      client.reset(client.open("POST", "/v1/check", false));
    }
    assertAlive(client);
  }

  /** Else resets would make room for more work while the old goes on. */
  @Test
  void whatWasGivenUp_countsUntilItIsAnswered() throws Exception {
    HttpService service = serve(USUAL.withRequests(8, Duration.ofMinutes(1)));
    service.counters.gate = new CompletableFuture<>();
    FrameClient client = client(service);
    for (int i = 0; i < 4; i++) {
      client.reset(client.check(HttpService.ALICE));
    }
    int refused = client.check(HttpService.ALICE);
    client.flush();
    assertEquals(REFUSED_STREAM, last(client, refused).code());
    service.counters.gate.complete(null);
    Await.until(
        () -> {
          try {
            int again = client.check(HttpService.ALICE);
            client.flush();
            return last(client, again).type() != FrameClient.RST_STREAM;
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
  }

  private static Frame last(FrameClient client, int stream) throws IOException {
    List<Frame> frames = client.readAll(stream);
    return frames.get(frames.size() - 1);
  }

  /** Whoever does not acknowledge the settings may think that there is no bound. */
  @Test
  void streamsBeyondTheBound_areRefused() throws Exception {
    HttpService service = serve(USUAL.withStreams(4));
    FrameClient client = client(service);
    for (int i = 0; i < 4; i++) {
      client.open("POST", "/v1/check", false);
    }
    int refused = client.open("GET", "/livez", true);
    client.flush();
    assertEquals(REFUSED_STREAM, last(client, refused).code());
    assertAlive(service);
  }

  @Test
  void aBodyThatIsTooLong_endsItsStreamAlone() throws Exception {
    HttpService service = serve(USUAL);
    FrameClient client = client(service);
    int good = client.open("POST", "/v1/check", false, "content-type", "application/json");
    List<Frame> large =
        client.dataUntilReset(
            client.open("POST", "/v1/check", false, "content-type", "application/json"));
    assertEquals("413", large.get(0).status());
    assertEquals(NO_ERROR, large.get(large.size() - 1).code());
    client.data(good, HttpService.ALICE, true);
    client.flush();
    assertEquals("200", client.status(good));
  }

  @Test
  void aBodyThatIsPassedOver_endsItsStreamAlone() throws Exception {
    HttpService service = serve(USUAL);
    FrameClient client = client(service);
    List<Frame> gateway = client.dataUntilReset(client.open("GET", "/v1/authorize/none", false));
    assertEquals(NO_ERROR, gateway.get(gateway.size() - 1).code());
    assertAlive(client);
  }

  @Test
  void aBodyThatNeverEnds_endsItsStreamAlone() throws Exception {
    HttpService service = serve(USUAL.withRequests(USUAL.requests(), SHORT));
    FrameClient client = client(service);
    int slow = client.open("POST", "/v1/check", false, "content-type", "application/json");
    client.data(slow, "{", false);
    client.flush();
    List<Frame> frames = client.readAll(slow);
    assertEquals("408", frames.get(0).status());
    Frame reset = client.next(FrameClient.RST_STREAM);
    assertNotNull(reset);
    assertEquals(NO_ERROR, reset.code());
    assertEquals(slow, reset.stream());
    int next = client.check(HttpService.ALICE);
    client.flush();
    assertEquals("200", client.status(next));
  }

  @Test
  void anAnswerThatIsNotTaken_endsItsStreamAlone() throws Exception {
    HttpService service = serve(USUAL.withRequests(USUAL.requests(), SHORT));
    FrameClient client = client(service, /* window= */ 0);
    int deaf = client.open("GET", "/metrics", true);
    client.flush();
    Frame reset = client.next(FrameClient.RST_STREAM);
    assertNotNull(reset);
    assertEquals(CANCEL, reset.code());
    assertEquals(deaf, reset.stream());
    int head = client.open("HEAD", "/livez", true);
    client.flush();
    assertEquals("200", client.status(head));
  }

  /** Each connection has one, however large it is. */
  @Test
  void answersThatAreNotTaken_areFollowedByNoMore() throws Exception {
    HttpService service = serve(USUAL.withBytes(2));
    FrameClient client = client(service, /* window= */ 0);
    client.open("GET", "/metrics", true);
    int second = client.open("GET", "/metrics", true);
    client.flush();
    Frame reset = client.next(FrameClient.RST_STREAM);
    assertNotNull(reset);
    assertEquals(second, reset.stream());
    assertEquals(ENHANCE_YOUR_CALM, reset.code());
    FrameClient other = client(service);
    int taken = other.open("GET", "/metrics", true);
    other.flush();
    assertEquals("200", other.status(taken));
  }

  @Test
  void aBodyThatThereIsNoRoomFor_isRefusedAlone() throws Exception {
    HttpService service = serve(USUAL.withBytes(2));
    FrameClient client = client(service);
    int refused = client.check(HttpService.ALICE);
    client.flush();
    assertEquals("503", client.status(refused));
    assertAlive(client);
  }

  @Test
  void headersThatAreTooLong_areRefusedAlone() throws Exception {
    HttpService service = serve(USUAL);
    FrameClient client = client(service);
    int large = client.open("GET", "/livez", true, "x-long", "x".repeat(9_000));
    client.flush();
    assertEquals("431", client.status(large));
    assertAlive(client);
  }

  @Test
  void floodsOfFramesThatAskNothing_areEnded() throws Exception {
    HttpService service = serve(USUAL);
    FrameClient other = client(service);
    FrameClient empty = client(service);
    int stream = empty.open("POST", "/v1/check", false);
    for (int i = 0; i < 100; i++) {
      empty.data(stream, "", false);
    }
    empty.flush();
    Frame goAway = empty.next(FrameClient.GOAWAY);
    assertTrue(goAway == null || goAway.code() == ENHANCE_YOUR_CALM, () -> "" + goAway);
    assertAlive(other);
  }

  @Test
  void headersThatNeverEnd_endTheirConnection_andHarmNobody() throws Exception {
    HttpService service = serve(USUAL);
    FrameClient other = client(service);
    for (int length : new int[] {0, 1, 16 << 10}) {
      FrameClient flood = client(service);
      CompletableFuture<Frame> ended = goAway(flood);
      try {
        flood.frame(FrameClient.HEADERS, 0, 1, new byte[0]);
        for (int i = 0; i < 1_000; i++) {
          flood.frame(FrameClient.CONTINUATION, 0, 1, new byte[length]);
        }
        flood.flush();
      } catch (IOException cut) {
        // As it should be.
      }
      Frame goAway = ended.get();
      assertTrue(goAway == null || goAway.code() != NO_ERROR, () -> "" + goAway);
      assertAlive(other);
    }
  }

  /** Each is answered, and the answers wait for him. */
  @Test
  void whoAsksMuchAndReadsNothing_isSentAway_andHarmsNobody() throws Exception {
    HttpService service = serve(USUAL);
    FrameClient other = client(service);
    for (int type : new int[] {FrameClient.PING, FrameClient.SETTINGS}) {
      Socket socket = connect(trusting(identity), service.port(), "h2");
      socket.setReceiveBufferSize(1 << 16);
      FrameClient flood = client(socket, WINDOW);
      byte[] payload = new byte[type == FrameClient.PING ? 8 : 0];
      try {
        for (int i = 0; i < 2_000_000; i++) {
          flood.frame(type, 0, 0, payload);
        }
        flood.flush();
      } catch (IOException cut) {
        // As it may be.
      }
      Frame goAway = flood.next(FrameClient.GOAWAY);
      assertTrue(goAway == null || goAway.code() == ENHANCE_YOUR_CALM, () -> "" + goAway);
      assertAlive(other);
    }
  }
}
