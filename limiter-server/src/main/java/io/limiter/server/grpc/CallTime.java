package io.limiter.server.grpc;

import io.grpc.Context;
import io.grpc.Deadline;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.grpc.load.EventLoopLag;
import java.util.concurrent.TimeUnit;

/** How long the caller of the call at hand waits for its answer. */
final class CallTime {
  /** What is kept back for the answer's own way. */
  private static final long MOST_KEPT_NANOS = 5_000_000;

  /** Nobody waits for less than four times that. */
  static final long LEAST_NOTICED_NANOS = 250_000;

  private CallTime() {}

  /**
   * What the header {@code grpc-timeout} says, eight digits at most and a unit, in nanoseconds. The
   * longest time for anything else, which gRPC refuses.
   */
  static long timeoutNanos(CharSequence header) {
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
   * The time until the call's deadline, less 5 ms or a quarter of it, whichever is less, in
   * nanoseconds; 0 if that is over, and {@link RateLimiterApi#ANY_WAIT} for a call without a
   * deadline. The time that the call may have waited to be read is taken off, and once more if the
   * event loop is overloaded: the answer will have to wait as well.
   */
  static long waitNanos() {
    Deadline deadline = Context.current().getDeadline();
    if (deadline == null) {
      return RateLimiterApi.ANY_WAIT;
    }
    long waited = Connection.waitedNanos();
    if (waited > LEAST_NOTICED_NANOS && EventLoopLag.current().isOverloaded()) {
      waited *= 2;
    }
    return waitNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS) - waited);
  }

  static long waitNanos(long remainingNanos) {
    return Math.max(0, remainingNanos - Math.min(MOST_KEPT_NANOS, remainingNanos / 4));
  }
}
