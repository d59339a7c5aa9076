package io.limiter.client;

/** What to answer when the service cannot be reached or does not answer in time. */
public enum OnUnreachable {
  /** Go ahead: a limiter that is away must not take its callers down. The default. */
  OPEN,
  /** Do not go ahead: an unguarded call is worse than none. */
  CLOSED;

  Decision.Unreachable decision(UnreachableException cause) {
    return new Decision.Unreachable(this == OPEN, cause);
  }
}
