package io.limiter.server.store;

/** What decided a question. */
public enum Source {
  /** The shared counters. */
  REDIS,
  /** A cached denial: the shared counters gave it a moment ago, and it still holds. */
  DENY_CACHE,
  /** Tokens that this instance had prefetched from the shared counters. */
  LEASE,
  /** No rule applied. */
  NO_RULE,
  /** Nobody wrote rules for the domain: the operator's choice decided. */
  UNKNOWN_DOMAIN
}
