package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How long to wait before the next attempt to connect. */
class BackoffTest {
  private static final long SECOND_NANOS = 1_000_000_000;

  private long nowNanos = 5;
  private final Backoff backoff = new Backoff(() -> nowNanos);

  @Test
  void aFailureInARow_waitsTwiceAsLong_upToASecond() {
    assertEquals(
        List.of(20L, 40L, 80L, 160L, 320L, 640L, 1_000L, 1_000L),
        IntStream.range(0, 8).mapToObj(i -> backoff.failedMillis()).toList());
    assertEquals(0, backoff.brokenMillis());
    assertEquals(20, backoff.failedMillis());
  }

  @Test
  void aReadOnlyRedisMetAgainSoon_isConnectedToAfterEverLongerPauses() {
    assertEquals(0, backoff.readOnlyMillis());
    for (long pause : List.of(20L, 40L, 80L, 160L, 320L, 640L, 1_000L, 1_000L)) {
      nowNanos += SECOND_NANOS;
      assertEquals(pause, backoff.readOnlyMillis());
    }
    nowNanos += 2 * SECOND_NANOS;
    assertEquals(0, backoff.readOnlyMillis());
  }
}
