package io.limiter.client.hold;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.limiter.client.CheckRequest;
import io.limiter.client.LimiterClient;
import io.limiter.client.UnreachableException;
import io.limiter.client.testing.FakeLimiter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A settlement whose answer is lost is still that settlement. */
@Timeout(60)
final class UnansweredTest {
  /** Long enough for any machine; a test that passes never waits so long. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final CheckRequest QUESTION =
      CheckRequest.in("llm").hold(Duration.ofMinutes(1)).cost(8);

  private final FakeLimiter fake = FakeLimiter.start();
  private final Losses losses = new Losses();
  private final LimiterClient client =
      LimiterClient.over(ClientInterceptors.intercept(fake.channel(), losses))
          .retries(false)
          .deadline(Duration.ofMinutes(1))
          .build();

  @AfterEach
  void close() {
    client.close();
    fake.close();
  }

  /** Loses the answers to settlements, and counts what is sent. */
  private static final class Losses implements ClientInterceptor {
    private final AtomicInteger left = new AtomicInteger();
    private final AtomicInteger sent = new AtomicInteger();

    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(
        MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
      ClientCall<Q, R> call = next.newCall(method, options);
      if (!"Settle".equals(method.getBareMethodName())) {
        return call;
      }
      sent.incrementAndGet();
      boolean loses = left.getAndDecrement() > 0;
      return new SimpleForwardingClientCall<>(call) {
        @Override
        public void start(Listener<R> replies, Metadata headers) {
          super.start(loses ? losing(replies) : replies, headers);
        }
      };
    }

    private static <R> ClientCall.Listener<R> losing(ClientCall.Listener<R> replies) {
      return new SimpleForwardingClientCallListener<>(replies) {
        @Override
        public void onMessage(R message) {}

        @Override
        public void onClose(Status status, Metadata trailers) {
          super.onClose(Status.UNAVAILABLE, trailers);
        }
      };
    }
  }

  private void isSettledInTheEnd() {
    long sinceNanos = System.nanoTime();
    while (losses.sent.get() < 2 && System.nanoTime() - sinceNanos < PATIENCE.toNanos()) {
      Thread.onSpinWait();
    }
    // Waits for what is under way.
    client.close();
    assertEquals(2, losses.sent.get());
    assertEquals(List.of(3L), fake.settled().stream().map(one -> one.cost()).toList());
    assertEquals(0, fake.released());
  }

  @Test
  void itMayBeSentAgain_butNotAsAnother() {
    losses.left.set(1);
    try (Reservation reservation = Holding.by(client).reserve(QUESTION)) {
      assertThrows(UnreachableException.class, () -> reservation.settle(3, Map.of()));
      assertThrows(IllegalStateException.class, () -> reservation.settle(4, Map.of()));
      assertThrows(IllegalStateException.class, reservation::release);
      reservation.settle(3, Map.of());
    }
    isSettledInTheEnd();
  }

  @Test
  void closing_sendsItAgain() {
    losses.left.set(1);
    try (Reservation reservation = Holding.by(client).reserve(QUESTION)) {
      assertThrows(UnreachableException.class, () -> reservation.settle(3, Map.of()));
    }
    isSettledInTheEnd();
  }

  @Test
  void closing_waitsForTheOneUnderWay_andSendsItAgainIfThatIsLost() {
    losses.left.set(1);
    try (Reservation reservation = Holding.by(client).reserve(QUESTION)) {
      var unused = reservation.settleAsync(3, Map.of());
    }
    isSettledInTheEnd();
  }
}
