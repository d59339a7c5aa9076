package io.limiter.server.decide;

import io.limiter.server.fault.Cause;
import io.limiter.server.rules.RulesUnreadableException;
import io.limiter.server.store.GivenUpException;
import io.limiter.server.store.StoreException;

/** Why a question got no verdict. Metrics name it in lower case. */
public enum FailureKind {
  /** Redis is connected and did not answer in time. */
  TIMEOUT,
  /** There is no connection to Redis, or it broke before the answer came. */
  UNAVAILABLE,
  /** Redis is a read-only replica. */
  READ_ONLY,
  /** Redis is full. */
  OUT_OF_MEMORY,
  /** Redis is loading its data. */
  LOADING,
  /** Redis denies the service's user what it needs. */
  NO_PERMISSION,
  /** Redis is busy with another script. */
  BUSY,
  /** Redis refuses for another reason. */
  REFUSED,
  /** More questions wait than this instance takes on. Nothing was charged. */
  OVERLOADED,
  /** Its caller gave it up before Redis was asked. Nothing was charged, and nobody is answered. */
  GIVEN_UP,
  /** Something else is stored where a counter should be. */
  UNREADABLE,
  /** The idempotency key belongs to another question. Nothing was charged. */
  CONFLICT,
  /** The question does not fit its domain and never will. Nothing was charged. */
  INVALID,
  /** The domain's rules cannot be read, so that none are in force. Nothing was charged. */
  RULES_UNREADABLE,
  /** A defect of the service. */
  INTERNAL;

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
    if (cause instanceof GivenUpException) {
      return GIVEN_UP;
    }
    return cause instanceof StoreException store ? of(store.kind()) : INTERNAL;
  }

  private static FailureKind of(StoreException.Kind kind) {
    return switch (kind) {
      case TIMEOUT -> TIMEOUT;
      case UNAVAILABLE -> UNAVAILABLE;
      case READ_ONLY -> READ_ONLY;
      case OUT_OF_MEMORY -> OUT_OF_MEMORY;
      case LOADING -> LOADING;
      case NO_PERMISSION -> NO_PERMISSION;
      case BUSY -> BUSY;
      case REFUSED -> REFUSED;
      case OVERLOADED -> OVERLOADED;
      case UNREADABLE -> UNREADABLE;
      case INTERNAL -> INTERNAL;
    };
  }
}
