package io.limiter.server.decide;

/** What decided a question. */
public enum Source {
  /** The shared counters. */
  REDIS,
  /** No rule applied. */
  NO_RULE
}
