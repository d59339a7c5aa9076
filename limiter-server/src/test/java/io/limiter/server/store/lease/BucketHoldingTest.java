package io.limiter.server.store.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.TokenBucket;
import io.limiter.server.store.LeaseSource.Prefetched;
import org.junit.jupiter.api.Test;

/** How fast a bucket's tokens fade, to the token. One comes free each millisecond. */
class BucketHoldingTest {
  private static final long MILLI = 1_000_000;
  private static final long NOW_MICROS = 1_766_666_400_000_000L;

  private final BucketHolding holding = new BucketHolding(TokenBucket.of(1_000, 1_000_000, 5_000));

  private void prefetch(long tokens, long sentNanos, long answeredNanos) {
    holding.sending(sentNanos);
    holding.add(new Prefetched(tokens, 0, 0, 0, NOW_MICROS), answeredNanos);
  }

  @Test
  void unused_fadesAThousandthFasterThanTheRate() {
    prefetch(1_000, 0, 0);
    assertEquals(499, holding.tokens(500 * MILLI));
  }

  @Test
  void whatIsUsedFromHere_drainsFirst() {
    prefetch(1_000, 0, 0);
    assertTrue(holding.take(600, 0));
    assertEquals(400, holding.tokens(500 * MILLI));
    assertEquals(299, holding.tokens(700 * MILLI));
    assertFalse(holding.take(300, 700 * MILLI));
  }

  @Test
  void aPrefetch_fadesFromItsSending() {
    prefetch(1_000, 0, 100 * MILLI);
    assertEquals(899, holding.tokens(100 * MILLI));
  }

  @Test
  void whatGoesBack_isWhatWillNotHaveFadedByTheLatestTime() {
    prefetch(1_000, 0, 0);
    assertEquals(new Holding.Rest(949 - 10, 0, NOW_MICROS + 60_000), holding.empty(10 * MILLI));
    assertEquals(0, holding.tokens(10 * MILLI));
  }
}
