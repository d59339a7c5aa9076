package io.limiter.server.store.lease;

import io.limiter.ledger.LeaseTerms;

/**
 * How much to prefetch for one lease, and when. Times are this instance's, in nanoseconds. Not safe
 * to share between threads.
 *
 * <p>A prefetch fills the lease up to its size, once less than half of that is held. If what came
 * was used up within a {@link #TURN_NANOS turn}, the size doubles; if it lasted more than four, it
 * halves. So a busy counter is prefetched some 5 to 20 times a second, however busy it is, as far
 * as its terms allow. An instance that dies strands what a fraction of a second of its traffic
 * would have used.
 */
final class Pacing {
  /** How long half of a lease should last. */
  static final long TURN_NANOS = 50_000_000;

  private static final long FIRST_SIZE = 8;
  private static final long FIRST_PAUSE_NANOS = 5_000_000;

  private final LeaseTerms terms;
  private long size;
  private long nextNanos;
  private long pauseNanos = FIRST_PAUSE_NANOS;

  /**
   * For a lease that holds nothing yet.
   *
   * @param nextNanos when the first prefetch may be sent
   */
  Pacing(LeaseTerms terms, long nextNanos) {
    this.terms = terms;
    this.nextNanos = nextNanos;
    this.size = Math.min(FIRST_SIZE, terms.tokens());
  }

  /** Whether a prefetch may be sent now. */
  boolean isDue(long nowNanos) {
    return nowNanos - nextNanos >= 0;
  }

  /** Whether so many tokens are enough to go on with, after a question about a cost. */
  boolean isEnough(long held, long cost) {
    return held > size / 2 && held >= cost;
  }

  /** Follows the traffic: the last prefetch lasted so long. */
  void lasted(long nanos) {
    if (nanos < TURN_NANOS) {
      size = Math.min(2 * size, terms.tokens());
    } else if (nanos > 4 * TURN_NANOS) {
      size = Math.max(1, size / 2);
    }
  }

  /** How many tokens to hold, after a question about a cost. */
  long sizeFor(long cost) {
    if (cost > size) {
      size = Math.min(2 * cost, terms.tokens());
    }
    return size;
  }

  /**
   * A prefetch came back.
   *
   * @param tokens how many it brought of those that were {@code wanted}
   * @param resetAfterMicros until the counter is as new
   */
  void prefetched(long tokens, long wanted, long resetAfterMicros, long nowNanos) {
    if (tokens == 0) {
      pause(Math.max(FIRST_PAUSE_NANOS, resetAfterMicros * 1_000), nowNanos);
    } else {
      pauseNanos = FIRST_PAUSE_NANOS;
      nextNanos = tokens < wanted ? nowNanos + FIRST_PAUSE_NANOS : nowNanos;
    }
  }

  /** A prefetch failed. */
  void failed(long nowNanos) {
    pause(Long.MAX_VALUE, nowNanos);
  }

  /** Each pause in a row is twice as long, up to the time after which a lease is idle. */
  private void pause(long mostNanos, long nowNanos) {
    nextNanos = nowNanos + Math.min(pauseNanos, mostNanos);
    pauseNanos = Math.min(2 * pauseNanos, terms.idleMicros() * 1_000);
  }
}
