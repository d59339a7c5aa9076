package io.limiter.server.envoy;

/**
 * What is answered to a request that passes a {@link Bound}: whoever made it large cannot choose.
 */
public enum TooLarge {
  /** OVER_LIMIT: it is denied. */
  DENY,
  /** OK: it is let pass unchecked. */
  ALLOW,
  /** INVALID_ARGUMENT: Envoy goes by its own {@code failure_mode_deny}. */
  ERROR
}
