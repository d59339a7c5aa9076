package io.limiter.server.store;

/** What decided a question. */
public enum Source {
  /** The shared counters. */
  REDIS,
  /** A cached denial: the shared counters gave it a moment ago, and it still holds. */
  DENY_CACHE,
  /** Tokens that this instance had prefetched from the shared counters. */
  LEASE,
  /** The shared counters could not be asked: this instance's share of the limits. */
  LOCAL_FALLBACK,
  /** The shared counters could not be asked: admitted unchecked, as the rules say. */
  FAIL_OPEN,
  /** The shared counters could not be asked: denied, as a rule says. */
  FAIL_CLOSED,
  /** No rule applied. */
  NO_RULE,
  /** Nobody wrote rules for the domain: the operator's choice decided. */
  UNKNOWN_DOMAIN
}
