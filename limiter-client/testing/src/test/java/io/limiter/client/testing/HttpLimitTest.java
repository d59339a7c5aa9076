package io.limiter.client.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.client.OnUnreachable;
import io.limiter.client.http.HttpLimit;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server's thread that is interrupted on the way. */
@Timeout(60)
final class HttpLimitTest {
  private final FakeLimiter fake = FakeLimiter.start();
  private final HttpLimit limit = new HttpLimit(fake.client(), Duration.ofHours(1));

  @AfterEach
  void close() {
    // Else what comes next on this thread would be interrupted.
    assertTrue(Thread.interrupted(), "the thread stays interrupted");
    fake.close();
  }

  /** To a service that never answers: an answer that is there already is taken. */
  private static final class Silent extends Channel {
    @Override
    public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
      return new ClientCall<>() {
        private @Nullable Listener<R> caller;

        @Override
        public void start(Listener<R> listener, Metadata headers) {
          caller = listener;
        }

        @Override
        public void request(int messages) {}

        @Override
        public void cancel(@Nullable String message, @Nullable Throwable cause) {
          Listener<R> told = caller;
          if (told != null) {
            told.onClose(Status.CANCELLED, new Metadata());
          }
        }

        @Override
        public void halfClose() {}

        @Override
        public void sendMessage(Q message) {}
      };
    }

    @Override
    public String authority() {
      return "silent";
    }
  }

  @Test
  void interruptedWhileItAsks_itGetsThePolicysAnswer() {
    LimiterClient client =
        LimiterClient.over(new Silent()).deadline(Duration.ofSeconds(50)).build();
    HttpLimit silent = new HttpLimit(client, Duration.ofHours(1));
    for (OnUnreachable policy : OnUnreachable.values()) {
      Thread.currentThread().interrupt();
      Decision decision = silent.ask(CheckRequest.in("edge").onUnreachable(policy));
      assertInstanceOf(Decision.Unreachable.class, decision);
      assertEquals(policy == OnUnreachable.OPEN, decision.allowed());
    }
    client.close();
  }

  @Test
  void interruptedWhileItWaitsForItsTurn_itEndsAtOnce() {
    Thread server = Thread.currentThread();
    fake.admit(Duration.ofMinutes(30));
    Thread interrupter =
        new Thread(
            () -> {
              while (server.getState() != Thread.State.TIMED_WAITING || fake.asked().isEmpty()) {
                Thread.onSpinWait();
              }
              server.interrupt();
            });
    interrupter.start();
    assertThrows(CancellationException.class, () -> limit.ask(CheckRequest.in("edge")));
  }
}
