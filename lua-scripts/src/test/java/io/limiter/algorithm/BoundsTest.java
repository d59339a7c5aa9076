package io.limiter.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What cannot be computed exactly is refused, with the bound and what to use instead. */
class BoundsTest {
  private static final long DAY = 86_400_000_000L;

  private static void assertRefused(String field, String message, Supplier<Limit> limit) {
    LimitOutOfBoundsException refused = assertThrows(LimitOutOfBoundsException.class, limit::get);
    assertEquals(message, refused.getMessage());
    assertEquals(field, refused.field());
  }

  @Test
  void numberOutOfRange_isRefused() {
    assertRefused(
        "limit",
        "limit -1 is out of range; use 0 to 4503599627370496 (2^52)",
        () -> FixedWindow.per(DAY, -1));
    assertRefused(
        "limit",
        "limit 4503599627370497 is out of range; use 0 to 4503599627370496 (2^52)",
        () -> new SlidingLog((1L << 52) + 1, DAY));
    assertRefused(
        "window", "window 999us is out of range; use 1ms to 366d", () -> FixedWindow.per(999, 1));
    assertRefused(
        "window",
        "window 367d is out of range; use 1ms to 366d",
        () -> new SlidingLog(1, 367 * DAY));
    assertRefused(
        "rate",
        "rate 0 is out of range; use 1 to 4503599627370496 (2^52)",
        () -> TokenBucket.of(0, DAY, 1));
    assertRefused(
        "period", "period 0us is out of range; use 1ms to 366d", () -> LeakyBucket.of(1, 0, 1));
    assertRefused(
        "capacity",
        "capacity -5 is out of range; use 0 to 4503599627370496 (2^52)",
        () -> LeakyBucket.of(1, DAY, -5));
  }

  @Test
  void productPastTheBound_isRefused_withWhatToUse() {
    assertRefused(
        "rate",
        "rate 4999999/1d with capacity 5000000 passes 2^52;"
            + " use a period of at most 15m or a capacity of at most 52124",
        () -> TokenBucket.of(4_999_999, DAY, 5_000_000));
    assertRefused(
        "limit",
        "limit 4503599628 with window 365d passes 2^52;"
            + " use a limit of at most 4503599627 or another algorithm",
        () -> new SlidingCounter(4_503_599_628L, 365 * DAY));
  }

  @Test
  void greatestLimits_areAccepted() {
    assertEquals(1L << 52, new SlidingLog(1L << 52, 366 * DAY).limit());
    assertEquals(1L << 52, TokenBucket.of(1_000_000, 1_000_000, 1L << 52).limit());
    assertEquals(4_503_599_627L, new SlidingCounter(4_503_599_627L, 365 * DAY).limit());
    assertEquals(52_124, TokenBucket.of(4_999_999, DAY, 52_124).limit());
  }
}
