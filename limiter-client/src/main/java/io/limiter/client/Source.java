package io.limiter.client;

/** What, in the service, decided a question. */
public enum Source {
  /** The shared counters. */
  REDIS,
  /** A denial that Redis gave a moment ago and that still holds. */
  DENY_CACHE,
  /** Tokens that the instance asked had already taken from Redis. */
  LEASE,
  /** Redis could not be asked: the share of the limit of the instance asked. */
  LOCAL_FALLBACK,
  /** Redis could not be asked: admitted unchecked. */
  FAIL_OPEN,
  /** Redis could not be asked: denied. */
  FAIL_CLOSED,
  /** Nothing applied: the domain has no rules, or none that matches. */
  NO_RULE,
  /** One that this version of the client does not know. */
  UNKNOWN
}
