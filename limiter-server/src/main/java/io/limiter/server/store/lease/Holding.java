package io.limiter.server.store.lease;

import io.limiter.algorithm.Limit;
import io.limiter.algorithm.TokenBucket;
import io.limiter.server.store.LeaseSource.Prefetched;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that were prefetched from one counter and are not used yet. Times are this instance's,
 * in nanoseconds from no known origin; one that is before another given earlier counts as that. Not
 * safe to share between threads.
 *
 * <p>Both kinds reckon with {@link io.limiter.server.store.ClockDrift}.
 */
sealed interface Holding permits WindowHolding, BucketHolding {

  /** An empty one. */
  static Holding of(Limit limit) {
    return switch (limit.algorithm()) {
      case FIXED_WINDOW -> new WindowHolding();
      case TOKEN_BUCKET -> new BucketHolding((TokenBucket) limit);
      case SLIDING_LOG, SLIDING_COUNTER, LEAKY_BUCKET, CONCURRENCY ->
          throw new IllegalArgumentException(limit + " cannot be charged ahead of need");
    };
  }

  /** Uses so many tokens, if so many are held. */
  boolean take(long tokens, long nowNanos);

  /** How many whole tokens are held. */
  long tokens(long nowNanos);

  /** How many tokens are held, what is left of one that fades counted whole. */
  long tokensRoundedUp(long nowNanos);

  /** A prefetch is about to be sent. Before the next one its answer is added, or never. */
  void sending(long nowNanos);

  /** Adds what the prefetch that was sent last has brought. */
  void add(Prefetched prefetched, long nowNanos);

  /** Drops all tokens. Returns what of them can be given back, or null for nothing. */
  @Nullable Rest empty(long nowNanos);

  /**
   * Until the counter is as new, as far as is known, in microseconds; 1 or more after a use.
   *
   * @param knownMicros until it is, by what Redis said last
   */
  long resetAfter(long knownMicros);

  /**
   * What can be given back.
   *
   * @param windowEndMicros as in {@link io.limiter.server.store.LeaseSource.Unused}
   * @param notAfterMicros likewise
   */
  record Rest(long tokens, long windowEndMicros, long notAfterMicros) {}
}
