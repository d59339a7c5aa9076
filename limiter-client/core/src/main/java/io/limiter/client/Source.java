package io.limiter.client;

/** What decided a question. */
public enum Source {
  /** The shared counters. */
  REDIS,
  /**
   * A denial that Redis gave a moment ago and that still lasts: the service repeated it, or this
   * client ({@link LimiterClientBuilder#denyCache}).
   */
  DENY_CACHE,
  /** Tokens that the instance had taken from Redis before. */
  LEASE,
  /** Redis could not be asked: the instance's share of the limit. Not given yet. */
  LOCAL_FALLBACK,
  /** Redis could not be asked: admitted unchecked. Not given yet. */
  FAIL_OPEN,
  /** Redis could not be asked: denied. Not given yet. */
  FAIL_CLOSED,
  /** No rule of the domain applied. */
  NO_RULE,
  /**
   * The service has no rules for the domain: its name may be misspelt. Whether the question was
   * admitted is the choice of the service's operator.
   */
  UNKNOWN_DOMAIN,
  /** The client, in the service's place: no answer came. */
  CLIENT,
  /** One that this version of the client does not know. */
  UNKNOWN
}
