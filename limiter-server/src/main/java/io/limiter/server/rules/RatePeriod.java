package io.limiter.server.rules;

import io.limiter.algorithm.Bounds;
import java.util.Locale;

/**
 * A window in Envoy's terms: so many of a unit, aligned to the epoch.
 *
 * @param multiplier at least 1, and at most {@link #most} of the unit
 */
public record RatePeriod(RateUnit unit, long multiplier) {
  public RatePeriod {
    if (multiplier < 1 || multiplier > most(unit)) {
      throw new IllegalArgumentException(
          "%d times %s is no window; use 1 to %d".formatted(multiplier, unit, most(unit)));
    }
  }

  /** One of a unit. */
  public static RatePeriod of(RateUnit unit) {
    return new RatePeriod(unit, 1);
  }

  /** How many of a unit the longest window has, which is 366 days long. */
  public static long most(RateUnit unit) {
    return Bounds.MAX_WINDOW_MICROS / unit.micros();
  }

  /** Its length in microseconds. */
  public long micros() {
    return multiplier * unit.micros();
  }

  /** {@code minute}, or {@code 5minute}. */
  @Override
  public String toString() {
    String name = unit.name().toLowerCase(Locale.ROOT);
    return multiplier == 1 ? name : multiplier + name;
  }
}
