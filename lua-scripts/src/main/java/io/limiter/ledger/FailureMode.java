package io.limiter.ledger;

/** What a limit answers while its shared counter cannot be asked. */
public enum FailureMode {
  /** Admits, unchecked. */
  OPEN,

  /** Denies. */
  CLOSED,

  /** Decides by this instance's own share of the limit. */
  LOCAL
}
