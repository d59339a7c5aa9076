package io.limiter.server.api;

import java.util.concurrent.TimeUnit;

/** How long callers wait for their answers. */
public final class Timeout {
  /** What is kept back for the answer's own way. */
  private static final long MOST_KEPT_NANOS = 5_000_000;

  private Timeout() {}

  /**
   * What the header {@code grpc-timeout} says, eight digits at most and a unit, in nanoseconds. The
   * longest time for anything else.
   */
  public static long nanos(CharSequence header) {
    int last = header.length() - 1;
    long number = 0;
    for (int i = 0; i < last; i++) {
      int digit = header.charAt(i) - '0';
      if (digit < 0 || digit > 9 || i == 8) {
        return Long.MAX_VALUE;
      }
      number = number * 10 + digit;
    }
    return switch (last < 1 ? ' ' : header.charAt(last)) {
      case 'n' -> number;
      case 'u' -> TimeUnit.MICROSECONDS.toNanos(number);
      case 'm' -> TimeUnit.MILLISECONDS.toNanos(number);
      case 'S' -> TimeUnit.SECONDS.toNanos(number);
      case 'M' -> TimeUnit.MINUTES.toNanos(number);
      case 'H' -> TimeUnit.HOURS.toNanos(number);
      default -> Long.MAX_VALUE;
    };
  }

  /**
   * How long an answer is of use to a caller who waits for so long: less 5 ms or a quarter of it,
   * whichever is less; 0 if that is over.
   */
  public static long waitNanos(long remainingNanos) {
    return Math.max(0, remainingNanos - Math.min(MOST_KEPT_NANOS, remainingNanos / 4));
  }
}
