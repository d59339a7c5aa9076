package io.limiter.server.grpc;

import io.grpc.Context;
import io.grpc.Deadline;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.Timeout;
import io.limiter.server.grpc.load.EventLoopLag;
import java.util.concurrent.TimeUnit;

/** How long the caller of the call at hand waits for its answer. */
final class CallTime {
  /** Nobody waits for less than four times that. */
  static final long LEAST_NOTICED_NANOS = 250_000;

  private CallTime() {}

  /**
   * How long an answer to the call is of use, as {@link Timeout#waitNanos} has it, and {@link
   * RateLimiterApi#ANY_WAIT} for a call without a deadline. The time that the call may have waited
   * to be read is taken off, and once more if the event loop is overloaded: the answer will have to
   * wait as well.
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
    return Timeout.waitNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS) - waited);
  }
}
