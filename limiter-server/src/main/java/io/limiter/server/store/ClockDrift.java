package io.limiter.server.store;

import com.google.common.math.LongMath;

/**
 * Turns times by the clock of Redis into times by this host's, on the safe side.
 *
 * <p>The two clocks run at speeds that differ by less than a thousandth: NTP corrects by at most
 * 500 ppm, on either side. So a time that one of them measures is, by the other, less than a
 * thousandth longer or shorter.
 */
public final class ClockDrift {
  private static final long PARTS = 1_000;

  private ClockDrift() {}

  /** Nanoseconds here in which certainly no more than so many microseconds pass in Redis. */
  public static long atMostNanos(long redisMicros) {
    return redisMicros * (PARTS - 1);
  }

  /** Microseconds that have certainly passed in Redis after so many nanoseconds here. */
  public static long atLeastMicros(long nanos) {
    return nanos * (PARTS - 1) / (PARTS * 1_000);
  }

  /**
   * Nanoseconds that Redis may have counted at most after so many here, rounded up.
   *
   * @param nanos 0 or more; what passes a long stays at its end
   */
  public static long atMostRedisNanos(long nanos) {
    long more = LongMath.saturatedMultiply(nanos, PARTS + 1);
    return more / PARTS + (more % PARTS == 0 ? 0 : 1);
  }
}
