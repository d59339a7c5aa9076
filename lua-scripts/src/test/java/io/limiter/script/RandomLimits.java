package io.limiter.script;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.LimitOutOfBoundsException;
import io.limiter.algorithm.Window;
import io.limiter.testing.Limits;
import java.time.ZoneId;
import java.util.Random;

/** Limits over the whole range: 1 to 10^12 for 1 ms to a year, of every kind of window. */
public final class RandomLimits {
  private static final long YEAR_MICROS = 365L * 86_400_000_000L;
  private static final String[] ZONES = {
    "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"
  };

  private final Random random;

  public RandomLimits(Random random) {
    this.random = random;
  }

  /** A limit of one algorithm, from anywhere in the range that the algorithm can do exactly. */
  public Limit next(Algorithm algorithm) {
    while (true) {
      try {
        return attempt(algorithm);
      } catch (LimitOutOfBoundsException tryAnother) {
        // The products of two large numbers leave the range: no such limit can be loaded.
      }
    }
  }

  private Limit attempt(Algorithm algorithm) {
    long most = random.nextInt(4) == 0 ? 1 + random.nextInt(5) : upTo(1_000_000_000_000L);
    long window = micros();
    if (algorithm == Algorithm.FIXED_WINDOW && random.nextInt(3) == 0) {
      return new FixedWindow(most, calendar());
    }
    return Limits.of(algorithm, most, window, /* rate= */ upTo(1_000_000_000_000L), window);
  }

  private Window calendar() {
    Window.Calendar.Unit[] units = Window.Calendar.Unit.values();
    Window.Calendar.Unit unit = units[random.nextInt(units.length)];
    ZoneId zone = ZoneId.of(ZONES[random.nextInt(ZONES.length)]);
    boolean month = unit == Window.Calendar.Unit.MONTH;
    return new Window.Calendar(unit, zone, month ? 1 + random.nextInt(31) : 1);
  }

  private long micros() {
    long round =
        switch (random.nextInt(6)) {
          case 0 -> 1_000;
          case 1 -> 1_000_000;
          case 2 -> 60_000_000;
          case 3 -> 3_600_000_000L;
          case 4 -> YEAR_MICROS;
          default -> Math.max(1_000, upTo(YEAR_MICROS));
        };
    return random.nextBoolean()
        ? round
        : Math.max(1_000, Math.min(YEAR_MICROS, round / 1_000 * (1 + random.nextInt(2_000))));
  }

  /** 1 to {@code most}, with small and large equally likely. */
  long upTo(long most) {
    int bits = 1 + random.nextInt(64 - Long.numberOfLeadingZeros(most));
    long wide = 1 + (random.nextLong() & Long.MAX_VALUE) % (1L << bits);
    return Math.min(most, wide);
  }
}
