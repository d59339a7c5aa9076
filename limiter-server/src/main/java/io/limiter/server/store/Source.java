package io.limiter.server.store;

/** What decided a question. */
public enum Source {
  /** The shared counters. */
  REDIS,
  /** A denial that the shared counters gave a moment ago and that still lasts. */
  DENY_CACHE,
  /** What this instance had taken from the shared counters ahead of need. */
  LEASE,
  /** No rule applied. */
  NO_RULE
}
