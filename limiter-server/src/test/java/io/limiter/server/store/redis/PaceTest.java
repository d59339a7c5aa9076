package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** How long the queue takes is learnt from full batches alone, and forgotten soon. */
class PaceTest {
  private static final long MILLI = 1_000_000;

  private final Pace pace = new Pace();
  private long now = 1;

  private void full(int cost, long nanos) {
    pace.full(cost);
    now += nanos;
    pace.landed(now, /* more= */ true);
  }

  @Test
  void nothingIsKnown_asLongAsNothingWaits() {
    pace.starts(now);
    pace.landed(now + 50 * MILLI, /* more= */ false);
    assertEquals(0, pace.nanos(1_000_000));
  }

  @Test
  void whatWaits_takesAsLongAsItsBatches() {
    pace.starts(now);
    for (int i = 0; i < 50; i++) {
      full(64, MILLI);
    }
    assertEquals(10 * MILLI, pace.nanos(640));
    assertEquals(0, pace.nanos(63));
  }

  @Test
  void aPause_isForgottenWithinBatches() {
    pace.starts(now);
    full(64, MILLI);
    full(64, 800 * MILLI);
    assertTrue(pace.nanos(64) > 50 * MILLI);
    for (int i = 0; i < 60; i++) {
      full(64, MILLI);
    }
    assertTrue(pace.nanos(64) < 2 * MILLI);
  }
}
