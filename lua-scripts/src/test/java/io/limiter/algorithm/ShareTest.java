package io.limiter.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The parts of a limit admit no more than the limit, but that each admits at least 1. */
class ShareTest {
  private static final long SEED = 42;
  private static final long HOUR = 3_600_000_000L;

  private static Limit limit(Algorithm algorithm, Random random) {
    long most = 1 + random.nextLong(1L << (1 + random.nextInt(12)));
    long rate = 1 + random.nextLong(1L << (1 + random.nextInt(12)));
    long micros = 1_000 + random.nextLong(1L << (10 + random.nextInt(34)));
    return switch (algorithm) {
      case FIXED_WINDOW -> FixedWindow.per(micros, most);
      case SLIDING_LOG -> new SlidingLog(most, micros);
      case SLIDING_COUNTER -> new SlidingCounter(Math.min(most, 200), micros);
      case TOKEN_BUCKET -> TokenBucket.of(rate, micros, Math.min(most, 200));
      case LEAKY_BUCKET -> LeakyBucket.of(rate, micros, Math.min(most, 200));
      case CONCURRENCY -> new ConcurrencyLimit(most, micros);
    };
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void partsAdmitTogether_noMoreThanTheLimit_andOneEachForRounding(Algorithm algorithm) {
    Random random = new Random(SEED);
    for (int i = 0; i < 300; i++) {
      Limit whole = limit(algorithm, random);
      int instances = 1 + random.nextInt(20);
      Limit part = whole.share(instances);
      assertEquals(algorithm, part.algorithm());
      assertTrue(part.limit() >= 1, part::toString);
      assertTrue(
          part.limit() * instances <= whole.limit() + instances,
          () -> instances + " of " + whole + ": " + part);
      assertEquals(whole, whole.share(1));
    }
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void partOfNothing_isNothing(Algorithm algorithm) {
    Limit none =
        switch (algorithm) {
          case FIXED_WINDOW -> FixedWindow.per(HOUR, 0);
          case SLIDING_LOG -> new SlidingLog(0, HOUR);
          case SLIDING_COUNTER -> new SlidingCounter(0, HOUR);
          case TOKEN_BUCKET -> TokenBucket.of(1, HOUR, 0);
          case LEAKY_BUCKET -> LeakyBucket.of(1, HOUR, 0);
          case CONCURRENCY -> new ConcurrencyLimit(0, HOUR);
        };
    assertEquals(0, none.share(3).limit());
  }

  @ParameterizedTest
  @EnumSource(
      value = Algorithm.class,
      names = {"TOKEN_BUCKET", "LEAKY_BUCKET"})
  void rateOfAPart_isExact_whereAPeriodCanSayIt(Algorithm algorithm) {
    Limit whole =
        algorithm == Algorithm.TOKEN_BUCKET
            ? TokenBucket.of(100, 1_000_000, 200)
            : LeakyBucket.of(100, 1_000_000, 200);
    // 33.3 a second, and not 33.
    assertEquals(6_000_000, whole.windowMicros(0) * 3);
    Limit part = whole.share(3);
    assertEquals(66, part.limit());
    assertEquals(1_980_000, part.windowMicros(0));
    for (int instances : List.of(1_000, 1 << 20, Integer.MAX_VALUE)) {
      assertEquals(1, whole.share(instances).limit());
    }
  }
}
