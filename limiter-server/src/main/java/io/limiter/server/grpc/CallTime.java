package io.limiter.server.grpc;

import io.grpc.Context;
import io.grpc.Deadline;
import io.limiter.server.api.RateLimiterApi;
import java.util.concurrent.TimeUnit;

/** How long the caller of the call at hand waits for its answer. */
final class CallTime {
  /** What is kept back for the answer's own way. */
  private static final long MOST_KEPT_NANOS = 5_000_000;

  private CallTime() {}

  /**
   * The time until the call's deadline, less 5 ms or a quarter of it, whichever is less, in
   * nanoseconds; 0 if that is over, and {@link RateLimiterApi#ANY_WAIT} for a call without a
   * deadline.
   */
  static long waitNanos() {
    Deadline deadline = Context.current().getDeadline();
    return deadline == null
        ? RateLimiterApi.ANY_WAIT
        : waitNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS));
  }

  static long waitNanos(long remainingNanos) {
    return Math.max(0, remainingNanos - Math.min(MOST_KEPT_NANOS, remainingNanos / 4));
  }
}
