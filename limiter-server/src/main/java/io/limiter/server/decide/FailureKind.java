package io.limiter.server.decide;

import io.limiter.server.fault.Cause;
import io.limiter.server.rules.RulesUnreadableException;
import io.limiter.server.store.StoreException;

/** Why a question got no verdict. */
public enum FailureKind {
  /** The counters cannot be asked now: Redis is away, too slow, or refuses writes. */
  UNAVAILABLE,
  /** More questions wait than this instance takes on. Nothing was charged. */
  OVERLOADED,
  /** The idempotency key belongs to another question. Nothing was charged. */
  CONFLICT,
  /** The question does not fit its domain and never will. Nothing was charged. */
  INVALID,
  /** The domain's rules cannot be read, so that none are in force. Nothing was charged. */
  RULES_UNREADABLE,
  /** A defect of the service. */
  BUG;

  /** The kind of what a {@link Limiter}'s stage failed with. */
  public static FailureKind of(Throwable failure) {
    Throwable cause = Cause.of(failure);
    if (cause instanceof DecisionException refused) {
      return switch (refused.reason()) {
        case CONFLICT -> CONFLICT;
        case INVALID -> INVALID;
      };
    }
    if (cause instanceof RulesUnreadableException) {
      return RULES_UNREADABLE;
    }
    if (cause instanceof StoreException store) {
      return switch (store.kind()) {
        case UNAVAILABLE -> UNAVAILABLE;
        case OVERLOADED -> OVERLOADED;
        case BUG -> BUG;
      };
    }
    return BUG;
  }
}
