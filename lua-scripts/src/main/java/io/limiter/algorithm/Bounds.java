package io.limiter.algorithm;

import java.time.Duration;

/**
 * The range of every number that a limit is made of.
 *
 * <p>Lua's only number is a double, exact for integers up to 2^53. Counts, costs and the products a
 * limit computes stay within 2^52: the one bit between keeps the sum of any two exact.
 */
public final class Bounds {
  /** The largest limit, capacity, rate and cost: 2^52. */
  public static final long MAX_COUNT = 1L << 52;

  /** The largest product that a limit's arithmetic may form: 2^52. */
  public static final long MAX_PRODUCT = 1L << 52;

  /** The shortest window or period, in microseconds: 1 ms. */
  public static final long MIN_WINDOW_MICROS = 1_000;

  /** The longest window or period, in microseconds: 366 days. */
  public static final long MAX_WINDOW_MICROS = Duration.ofDays(366).toNanos() / 1_000;

  private Bounds() {}

  static void checkCount(String field, long value, long least) {
    if (value < least || value > MAX_COUNT) {
      throw new LimitOutOfBoundsException(
          field,
          "%s %d is out of range; use %d to %d (2^52)".formatted(field, value, least, MAX_COUNT));
    }
  }

  static void checkWindow(String field, long micros) {
    if (micros < MIN_WINDOW_MICROS || micros > MAX_WINDOW_MICROS) {
      throw new LimitOutOfBoundsException(
          field, "%s %s is out of range; use 1ms to 366d".formatted(field, Durations.show(micros)));
    }
  }
}
