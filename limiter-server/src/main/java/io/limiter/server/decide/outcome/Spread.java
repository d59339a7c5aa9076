package io.limiter.server.decide.outcome;

import io.limiter.algorithm.Outcome;
import io.limiter.server.rules.Rule;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Has those who are denied by one rule come back at different times. What they are told is never
 * sooner than the truth.
 */
public final class Spread {
  private static final int ALL = Rule.Mode.ALL;

  private Spread() {}

  /**
   * The outcome as it is told.
   *
   * @param basisPoints how much longer a wait may be, of itself: 0 to 10000
   */
  public static Outcome of(Outcome outcome, int basisPoints) {
    if (basisPoints == 0 || !(outcome instanceof Outcome.Denied denied)) {
      return outcome;
    }
    long wait = denied.retryAfterMicros();
    // In two parts, so that no wait is too long to be multiplied.
    long most = wait / ALL * basisPoints + wait % ALL * basisPoints / ALL;
    return new Outcome.Denied(
        denied.remaining(),
        denied.resetAfterMicros(),
        wait + ThreadLocalRandom.current().nextLong(Math.min(most, Long.MAX_VALUE - wait - 1) + 1));
  }
}
