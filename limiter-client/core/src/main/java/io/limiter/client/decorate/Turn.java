package io.limiter.client.decorate;

import io.limiter.client.Decision;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * What follows from a decision for a caller who would wait.
 *
 * @param decision the answer, once there is nothing left to ask
 * @param pauseNanos wait so long before going on; 0 or more
 * @param again whether to ask again after the pause; else the decision counts
 * @param late whether it admits too late: what was charged goes back
 */
record Turn(Decision decision, long pauseNanos, boolean again, boolean late) {
  private static final long FIRST_JITTER_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final int MOST_DOUBLINGS = 7;

  /**
   * Decides.
   *
   * @param tries how often it was denied before
   * @param roomNanos how long it would wait for room; 0: it is not asked again
   * @param delayNanos how long it would wait for its turn, once it is admitted
   */
  static Turn of(Decision decision, int tries, long roomNanos, long delayNanos) {
    long delay = nanos(decision.delay());
    if (decision.allowed()) {
      return delay == 0 || delay <= delayNanos
          ? new Turn(decision, delay, false, false)
          : new Turn(tooLate(decision), 0, false, true);
    }
    long wait = decision.retryAfter().map(Turn::nanos).orElse(Long.MAX_VALUE);
    if (roomNanos <= 0 || wait == Long.MAX_VALUE || wait > roomNanos) {
      return new Turn(decision, 0, false, false);
    }
    return new Turn(decision, wait + Math.min(jitterNanos(tries), roomNanos - wait), true, false);
  }

  /**
   * Full jitter: at random up to 10 ms, doubling with each try up to 1.28 s. It is added to the
   * time that a denial says. Sooner would be denied for certain.
   */
  static long jitterNanos(int tries) {
    return ThreadLocalRandom.current().nextLong(jitterBoundNanos(tries));
  }

  static long jitterBoundNanos(int tries) {
    return FIRST_JITTER_NANOS << Math.min(tries, MOST_DOUBLINGS);
  }

  private static Decision tooLate(Decision decision) {
    return new Decision.Denied(
        decision.source(),
        decision.statuses(),
        Optional.of(decision.delay()),
        Optional.of(Decision.DenialKind.RATE));
  }

  /** Of more than 292 years, so many. */
  static long nanos(Duration duration) {
    try {
      return duration.toNanos();
    } catch (ArithmeticException tooLong) {
      return Long.MAX_VALUE;
    }
  }
}
