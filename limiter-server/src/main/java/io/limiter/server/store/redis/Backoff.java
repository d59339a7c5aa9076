package io.limiter.server.store.redis;

import java.util.function.LongSupplier;

/**
 * How long to wait before the next attempt to connect: 20 ms after the first failure in a row, then
 * twice as long each time, up to a second. Safe to call from any thread.
 *
 * <p>A Redis that turns out to be read-only ends a connection that was made well. If it is met
 * again soon after, that is one row: else every question would make a new connection to the same
 * replica.
 */
final class Backoff {
  private static final long FIRST_MILLIS = 20;
  private static final long LONGEST_MILLIS = 1_000;

  /** Twice the longest pause: questions that come often meet the replica again before that. */
  private static final long ROW_NANOS = 2 * LONGEST_MILLIS * 1_000_000;

  private final LongSupplier nanoTime;
  private long nextMillis = FIRST_MILLIS;
  private boolean readOnlyBefore;
  private long readOnlyNanos;

  Backoff(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** How long to wait after an attempt that failed. */
  synchronized long failedMillis() {
    long pause = nextMillis;
    nextMillis = Math.min(2 * pause, LONGEST_MILLIS);
    return pause;
  }

  /** How long to wait after a connection broke: not at all. Starts a new row. */
  synchronized long brokenMillis() {
    nextMillis = FIRST_MILLIS;
    return 0;
  }

  /** How long to wait after a connection led to a read-only Redis: not at all the first time. */
  synchronized long readOnlyMillis() {
    long now = nanoTime.getAsLong();
    boolean again = readOnlyBefore && now - readOnlyNanos < ROW_NANOS;
    readOnlyBefore = true;
    readOnlyNanos = now;
    return again ? failedMillis() : brokenMillis();
  }
}
