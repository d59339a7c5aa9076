package io.limiter.client.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.OnUnreachable;
import io.limiter.client.http.HttpLimit;
import java.time.Duration;
import java.util.concurrent.CancellationException;
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

  @Test
  void interruptedWhileItAsks_itGetsThePolicysAnswer() {
    for (OnUnreachable policy : OnUnreachable.values()) {
      Thread.currentThread().interrupt();
      Decision decision = limit.ask(CheckRequest.in("edge").onUnreachable(policy));
      assertInstanceOf(Decision.Unreachable.class, decision);
      assertEquals(policy == OnUnreachable.OPEN, decision.allowed());
    }
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
