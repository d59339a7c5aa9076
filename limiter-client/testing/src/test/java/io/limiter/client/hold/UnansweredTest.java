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

  /** Loses calls of settlements: so many are not even sent. */
  private static final class Losses implements ClientInterceptor {
    private final AtomicInteger left = new AtomicInteger();

    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(
        MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
      boolean loses = left.get() > 0 && "Settle".equals(method.getBareMethodName());
      return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
        @Override
        public void start(Listener<R> replies, Metadata headers) {
          super.start(
              new SimpleForwardingClientCallListener<>(replies) {
                @Override
                public void onMessage(R message) {
                  if (!loses) {
                    super.onMessage(message);
                  }
                }

                @Override
                public void onClose(Status status, Metadata trailers) {
                  if (loses) {
                    left.decrementAndGet();
                  }
                  super.onClose(loses ? Status.UNAVAILABLE : status, trailers);
                }
              },
              headers);
        }

        @Override
        public void sendMessage(Q message) {
          if (loses) {
            cancel("lost on its way", null);
          } else {
            super.sendMessage(message);
          }
        }

        @Override
        public void halfClose() {
          if (!loses) {
            super.halfClose();
          }
        }
      };
    }
  }

  private void isSettledInTheEnd() {
    while (fake.held() > 0) {
      Thread.onSpinWait();
    }
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
