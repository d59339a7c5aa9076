package io.limiter.server.decide.outcome;

import io.limiter.algorithm.Outcome;
import io.limiter.ledger.Held;

/** Folds what two counters of one rule said: what holds to both is told. */
public final class Stricter {
  private Stricter() {}

  /** The outcome of both: it admits if both do, and whoever waits for it waits for both. */
  public static Outcome of(Outcome one, Outcome other) {
    long remaining = Math.min(one.remaining(), other.remaining());
    long resetAfter = Math.max(one.resetAfterMicros(), other.resetAfterMicros());
    if (one instanceof Outcome.Never || other instanceof Outcome.Never) {
      return new Outcome.Never(remaining, resetAfter);
    }
    if (one.admits() && other.admits()) {
      return new Outcome.Admitted(remaining, resetAfter, Math.max(delay(one), delay(other)));
    }
    return new Outcome.Denied(remaining, resetAfter, Math.max(retry(one), retry(other)));
  }

  /** The more that either holds; the hold that was taken is that of the first. */
  public static Held of(Held one, Held other) {
    return new Held(
        Math.max(one.held(), other.held()),
        Math.max(one.owed(), other.owed()),
        one.number(),
        one.expiresMicros());
  }

  private static long delay(Outcome outcome) {
    return outcome instanceof Outcome.Admitted admitted ? admitted.delayMicros() : 0;
  }

  private static long retry(Outcome outcome) {
    return outcome instanceof Outcome.Denied denied ? denied.retryAfterMicros() : 0;
  }
}
