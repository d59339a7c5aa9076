package io.limiter.server.program;

import static io.limiter.server.program.CallerStream.assertTooMany;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.limiter.server.faults.Link;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A caller has no more calls and requests under way than it may, over all of its connections and
 * both ports. However one ends, it makes room for exactly one more.
 */
@Timeout(60)
class CallerStreamsIT {
  private static final int MOST = 3;
  private static final int LIMIT = 10;
  private static final String RULES =
      """
      domain: shop
      rules:
        - { name: r, key: [user], algorithm: fixed-window, limit: %d, window: 1h }
      """
          .formatted(LIMIT);

  @TempDir Path folder;
  private BoundedService service;

  @BeforeEach
  void start() throws IOException {
    service = new BoundedService(folder, RULES, "streams: " + MOST);
  }

  @AfterEach
  void stop() {
    service.close();
  }

  /** However often it is tried: as many fit as may, and no more. */
  private void assertAllAreFree(ManagedChannel channel) {
    List<CallerStream> streams = new ArrayList<>();
    for (int i = 0; i < MOST; i++) {
      streams.add(CallerStream.awaitOpen(channel, MOST));
    }
    for (int i = 0; i < 5; i++) {
      assertTooMany(
          assertThrows(StatusRuntimeException.class, () -> CallerStream.open(channel, "greedy")),
          MOST);
    }
    streams.forEach(stream -> assertTrue(stream.complete().isOk()));
  }

  @Test
  void oneMoreThanMay_isRefused_onAnyConnectionOfBothPorts_andChargesNothing() throws Exception {
    CallerStream first = CallerStream.open(service.channel(), "greedy");
    CallerStream second = CallerStream.open(service.channel(), "greedy");
    String body = "{\"domain\":\"shop\",\"attributes\":{\"user\":\"a\"}}";
    ManagedChannel third = service.channel();
    try (Socket half = takingTheLastPlace(third, body.length())) {
      for (int i = 0; i < 3 * LIMIT; i++) {
        assertThrows(
            StatusRuntimeException.class,
            () ->
                BoundedService.stub(third, "greedy")
                    .checkAndConsume(BoundedService.question("victim")));
      }
      try (Socket more = new Socket(InetAddress.getLoopbackAddress(), service.httpPort())) {
        send(more, "POST", body.length(), body);
        String answer = head(more);
        assertTrue(answer.startsWith("HTTP/1.1 503"), answer);
        assertTrue(
            answer.toLowerCase(java.util.Locale.ROOT).contains("\nretry-after: 1\r"), answer);
      }
      for (String other : List.of("modest", "nobody")) {
        for (int i = 0; i < 2 * MOST; i++) {
          var unused =
              other.equals("modest")
                  ? CallerStream.open(service.channel(), other)
                  : RateLimiterGrpc.newBlockingStub(third)
                      .checkAndConsume(BoundedService.question(other));
        }
      }
      CheckAndConsumeResponse victim =
          BoundedService.stub(third, "modest").checkAndConsume(BoundedService.question("victim"));
      assertEquals(LIMIT - 1, victim.getStatuses(0).getRemaining(), "what was refused is charged");
      half.getOutputStream().write(body.getBytes(StandardCharsets.US_ASCII));
      assertTrue(head(half).startsWith("HTTP/1.1 200"));
      CallerStream.awaitOpen(third, MOST).cancel();
    }
    assertTrue(first.complete().isOk());
    second.cancel();
    assertAllAreFree(service.channel());
  }

  private static void send(Socket to, String method, int length, String body) throws IOException {
    to.getOutputStream()
        .write(
            (method
                    + " /v1/check HTTP/1.1\r\nHost: a\r\nX-Limiter-Token: greedy.secret\r\n"
                    + "Content-Type: application/json\r\nContent-Length: "
                    + length
                    + "\r\n\r\n"
                    + body)
                .getBytes(StandardCharsets.US_ASCII));
  }

  private static String head(Socket from) throws IOException {
    InputStream in = from.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        return head + " (closed)";
      }
      head.append((char) next);
    }
    return head.toString();
  }

  /**
   * Half a request that takes the last place. When it does is known by questions that are refused,
   * again and again: the one before may have a place for a moment more. And it may find its place
   * taken by such a question, and be refused itself; then it is sent anew.
   */
  private Socket takingTheLastPlace(ManagedChannel channel, int length) throws IOException {
    while (true) {
      Socket half = new Socket(InetAddress.getLoopbackAddress(), service.httpPort());
      send(half, "POST", length, "");
      int refusals = 0;
      while (half.getInputStream().available() == 0) {
        try {
          var unused =
              BoundedService.stub(channel, "greedy")
                  .checkAndConsume(BoundedService.question(UUID.randomUUID().toString()));
          refusals = 0;
        } catch (StatusRuntimeException refused) {
          assertTooMany(refused, MOST);
          refusals++;
        }
        if (refusals == 20) {
          return half;
        }
      }
      half.close();
    }
  }

  @Test
  void howeverACallEnds_itMakesRoomForOneMore() throws Exception {
    ManagedChannel channel = service.channel();
    List<Runnable> ends =
        List.of(
            () -> assertTrue(CallerStream.awaitOpen(channel, MOST).complete().isOk()),
            () -> CallerStream.awaitOpen(channel, MOST).cancel(),
            () -> givenUpBeforeItAsks(channel),
            () -> malformed(channel),
            () -> wrong(channel),
            () -> late(channel),
            () -> awaitAnswered(channel));
    for (Runnable end : ends) {
      for (int i = 0; i < 2 * MOST; i++) {
        end.run();
      }
      assertAllAreFree(channel);
    }
  }

  private static void givenUpBeforeItAsks(ManagedChannel channel) {
    ClientCall<CheckAndConsumeRequest, CheckAndConsumeResponse> call =
        channel.newCall(RateLimiterGrpc.getCheckAndConsumeMethod(), CallOptions.DEFAULT);
    call.start(new ClientCall.Listener<>() {}, BoundedService.token("greedy"));
    call.cancel("the test's", null);
  }

  /** A message that is none, on a stream that goes on. */
  private static void malformed(ManagedChannel channel) {
    MethodDescriptor<byte[], CheckAndConsumeResponse> bytes =
        RateLimiterGrpc.getCheckAndConsumeStreamMethod().toBuilder(
                new MethodDescriptor.Marshaller<byte[]>() {
                  @Override
                  public InputStream stream(byte[] value) {
                    return new ByteArrayInputStream(value);
                  }

                  @Override
                  public byte[] parse(InputStream in) {
                    throw new UnsupportedOperationException();
                  }
                },
                RateLimiterGrpc.getCheckAndConsumeStreamMethod().getResponseMarshaller())
            .build();
    CompletableFuture<Status> end = new CompletableFuture<>();
    ClientCall<byte[], CheckAndConsumeResponse> call = channel.newCall(bytes, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        BoundedService.token("greedy"));
    call.request(1);
    call.sendMessage(new byte[] {-1, -1, -1});
    Status.Code code = end.join().getCode();
    assertTrue(
        code == Status.Code.INVALID_ARGUMENT || code == Status.Code.RESOURCE_EXHAUSTED,
        code::toString);
  }

  private static void wrong(ManagedChannel channel) {
    StatusRuntimeException refused =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                BoundedService.stub(channel, "greedy")
                    .checkAndConsume(
                        CheckAndConsumeRequest.newBuilder().setDomain("shop").setCost(-1).build()));
    Status.Code code = refused.getStatus().getCode();
    assertTrue(
        code == Status.Code.INVALID_ARGUMENT || code == Status.Code.RESOURCE_EXHAUSTED,
        code::toString);
  }

  private static void late(ManagedChannel channel) {
    ClientCall<CheckAndConsumeRequest, CheckAndConsumeResponse> call =
        channel.newCall(
            RateLimiterGrpc.getCheckAndConsumeStreamMethod(),
            CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.MILLISECONDS));
    CompletableFuture<Status> end = new CompletableFuture<>();
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        BoundedService.token("greedy"));
    assertFalse(end.join().isOk());
  }

  private static void awaitAnswered(ManagedChannel channel) {
    while (true) {
      try {
        var unused =
            BoundedService.stub(channel, "greedy")
                .checkAndConsume(BoundedService.question(UUID.randomUUID().toString()));
        return;
      } catch (StatusRuntimeException notYet) {
        assertTooMany(notYet, MOST);
      }
    }
  }

  @Test
  void aRequestOfHttp_thatIsBrokenOff_makesRoomToo() throws Exception {
    ManagedChannel channel = service.channel();
    for (int i = 0; i < 3 * MOST; i++) {
      try (Socket half = new Socket(InetAddress.getLoopbackAddress(), service.httpPort())) {
        send(half, "POST", 40, i % 2 == 0 ? "" : "{\"domain\":");
        if (i % 3 == 0) {
          half.setSoLinger(true, 0);
        }
      }
      // One whose method is refused is answered, and over.
      try (Socket wrong = new Socket(InetAddress.getLoopbackAddress(), service.httpPort())) {
        send(wrong, "PUT", 0, "");
        String answer = head(wrong);
        assertTrue(answer.matches("(?s)HTTP/1.1 (405|503).*"), answer);
      }
    }
    assertAllAreFree(channel);
  }

  @Test
  void aConnectionThatIsCut_endsAllOfItsCalls_once() throws Exception {
    ManagedChannel channel = service.channel();
    for (int round = 0; round < 4; round++) {
      List<CallerStream> cut = new ArrayList<>();
      try (Link link = new Link(service.grpcPort())) {
        ManagedChannel through = service.channel(link.port());
        for (int i = 0; i < MOST; i++) {
          cut.add(CallerStream.awaitOpen(through, MOST));
        }
        assertTooMany(
            assertThrows(StatusRuntimeException.class, () -> CallerStream.open(channel, "greedy")),
            MOST);
        link.reset();
      }
      cut.forEach(stream -> assertFalse(stream.end.join().isOk()));
      assertAllAreFree(channel);
    }
  }

  @Test
  void manyThreads_haveNoMoreThanMay_atAnyTime() throws Exception {
    int threads = 8;
    AtomicInteger open = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<Integer>> most = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        boolean cancels = i % 2 == 0;
        ManagedChannel channel = service.channel();
        most.add(
            pool.submit(
                () -> {
                  int seen = 0;
                  for (int n = 0; n < 100; n++) {
                    CallerStream stream;
                    try {
                      stream = CallerStream.open(channel, "greedy");
                    } catch (StatusRuntimeException tooMany) {
                      assertTooMany(tooMany, MOST);
                      refused.incrementAndGet();
                      continue;
                    }
                    seen = Math.max(seen, open.incrementAndGet());
                    Thread.onSpinWait();
                    open.decrementAndGet();
                    if (cancels) {
                      stream.cancel();
                    } else {
                      assertTrue(stream.complete().isOk());
                    }
                  }
                  return seen;
                }));
      }
      for (Future<Integer> one : most) {
        assertTrue(one.get() <= MOST, () -> "open at a time: " + one);
      }
    } finally {
      pool.shutdownNow();
    }
    assertTrue(refused.get() > 0, "nobody was refused");
    assertAllAreFree(service.channel());
  }

  @Test
  void anotherBound_holdsAtOnce_alsoForWhatIsOpen() throws Exception {
    ManagedChannel channel = service.channel();
    List<CallerStream> open = new ArrayList<>();
    for (int i = 0; i < MOST; i++) {
      open.add(CallerStream.open(channel, "greedy"));
    }
    service.rebound("streams: 5");
    open.add(CallerStream.open(channel, "greedy"));
    open.add(CallerStream.open(channel, "greedy"));
    assertTooMany(
        assertThrows(StatusRuntimeException.class, () -> CallerStream.open(channel, "greedy")), 5);

    service.rebound("streams: 1");
    for (int i = 0; i < 5; i++) {
      assertTooMany(
          assertThrows(StatusRuntimeException.class, () -> CallerStream.open(channel, "greedy")),
          1);
      assertTrue(open.get(i).complete().isOk());
    }
    service.rebound("");
    for (int i = 0; i < 10; i++) {
      CallerStream.open(channel, "greedy").cancel();
    }
    service.rebound("streams: " + MOST);
    assertAllAreFree(channel);
  }
}
