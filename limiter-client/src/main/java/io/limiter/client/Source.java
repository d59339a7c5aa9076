package io.limiter.client;

/** What, in the service, decided a question. */
public enum Source {
  /** The shared counters. */
  REDIS,
  /** A denial that Redis gave a moment ago and that still lasts. */
  DENY_CACHE,
  /** Tokens that the instance had taken from Redis before. */
  LEASE,
  /** Redis could not be asked: the instance's share of the limit. Not given yet. */
  LOCAL_FALLBACK,
  /** Redis could not be asked: admitted unchecked. Not given yet. */
  FAIL_OPEN,
  /** Redis could not be asked: denied. Not given yet. */
  FAIL_CLOSED,
  /** Nothing applied: the domain has no rules, or none that matches. */
  NO_RULE,
  /** One that this version of the client does not know. */
  UNKNOWN
}
