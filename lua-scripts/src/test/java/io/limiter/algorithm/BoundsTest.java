package io.limiter.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What cannot be computed exactly is refused, with the bound and what to use instead. */
class BoundsTest {
  private static final long DAY = 86_400_000_000L;
  private static final long SEED = 42;
  private static final Pattern BUCKET =
      Pattern.compile(
          "use (?:a period of at most (\\d+)(ms|s|m|h|d) or )?a capacity of at most (\\d+)$");
  private static final Pattern COUNTER =
      Pattern.compile("use a limit of at most (\\d+) or another algorithm$");
  private static final Map<String, Long> MICROS =
      Map.of("ms", 1_000L, "s", 1_000_000L, "m", 60_000_000L, "h", 3_600_000_000L, "d", DAY);

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
        "hold", "hold 999us is out of range; use 1ms to 366d", () -> new ConcurrencyLimit(1, 999));
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

  /** With a bucket that no period could save, only the capacity is a remedy. */
  @Test
  void remedyThatIsOutOfRange_isNotOffered() {
    assertRefused(
        "rate",
        "rate 5/1s with capacity 4503599627370496 passes 2^52; use a capacity of at most 22517998136",
        () -> TokenBucket.of(5, 1_000_000, 1L << 52));
  }

  @Test
  void everyRemedyForAProduct_isAccepted() {
    Random random = new Random(SEED);
    int periods = 0;
    int capacities = 0;
    int limits = 0;
    for (int i = 0; i < 20_000; i++) {
      long number = 1 + (random.nextLong() >>> (12 + random.nextInt(40)));
      long micros = 1_000 + random.nextLong(1L << (10 + random.nextInt(35)));
      long rate = 1 + (random.nextLong() >>> (12 + random.nextInt(50)));
      if (number > 1L << 52 || rate > 1L << 52 || micros > 366 * DAY) {
        continue;
      }
      try {
        TokenBucket.of(rate, micros, number);
      } catch (LimitOutOfBoundsException e) {
        Matcher remedy = BUCKET.matcher(String.valueOf(e.getMessage()));
        assertTrue(remedy.find(), e::getMessage);
        TokenBucket.of(rate, micros, Long.parseLong(remedy.group(3)));
        capacities++;
        if (remedy.group(1) != null) {
          long unit = Objects.requireNonNull(MICROS.get(remedy.group(2)));
          long period = Long.parseLong(remedy.group(1)) * unit;
          TokenBucket.of(rate, period, number);
          periods++;
        }
      }
      try {
        var unused = new SlidingCounter(number, micros);
      } catch (LimitOutOfBoundsException e) {
        Matcher remedy = COUNTER.matcher(String.valueOf(e.getMessage()));
        assertTrue(remedy.find(), e::getMessage);
        long most = Long.parseLong(remedy.group(1));
        assertEquals(most, new SlidingCounter(most, micros).limit());
        assertEquals(number, new SlidingLog(number, micros).limit());
        limits++;
      }
    }
    int least = Math.min(periods, Math.min(capacities, limits));
    assertTrue(least > 1_000, () -> least + " tried");
  }

  @Test
  void greatestLimits_areAccepted() {
    assertEquals(1L << 52, new SlidingLog(1L << 52, 366 * DAY).limit());
    assertEquals(1L << 52, TokenBucket.of(1_000_000, 1_000_000, 1L << 52).limit());
    assertEquals(4_503_599_627L, new SlidingCounter(4_503_599_627L, 365 * DAY).limit());
    assertEquals(52_124, TokenBucket.of(4_999_999, DAY, 52_124).limit());
  }
}
