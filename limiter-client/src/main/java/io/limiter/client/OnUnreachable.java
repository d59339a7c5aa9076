package io.limiter.client;

/** What to answer when the service could not be asked or did not answer in time. */
public enum OnUnreachable {
  /** Go ahead: the limiter being away must not take its callers down. The default. */
  OPEN,
  /** Do not: what is guarded is worse unguarded than unavailable. */
  CLOSED;

  Decision.Unreachable decision(UnreachableException cause) {
    return new Decision.Unreachable(this == OPEN, cause);
  }
}
