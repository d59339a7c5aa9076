package io.limiter.server.store.lease;

import io.limiter.algorithm.Limit;
import io.limiter.algorithm.TokenBucket;
import io.limiter.server.store.LeaseSource.Drawn;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that were drawn from one counter and are not used yet. Times are this instance's, in
 * nanoseconds from no known origin; one that is before another given earlier counts as that. Not
 * safe to share between threads.
 *
 * <p>Both kinds take it that this instance's clock and that of Redis differ in speed by less than a
 * thousandth.
 */
sealed interface Holding permits WindowHolding, BucketHolding {

  /** An empty one. */
  static Holding of(Limit limit) {
    return switch (limit.algorithm()) {
      case FIXED_WINDOW -> new WindowHolding();
      case TOKEN_BUCKET -> new BucketHolding((TokenBucket) limit);
      case SLIDING_LOG, SLIDING_COUNTER, LEAKY_BUCKET ->
          throw new IllegalArgumentException(limit + " cannot be charged ahead of need");
    };
  }

  /** Uses so many tokens, if so many are held. */
  boolean take(long tokens, long nowNanos);

  /** How many whole tokens are held. */
  long tokens(long nowNanos);

  /** How many tokens are held, what is left of one that fades counted whole. */
  long tokensRoundedUp(long nowNanos);

  /** A draw is about to be sent. Before the next one its answer is added, or never. */
  void sending(long nowNanos);

  /** Adds what the draw that was sent last has brought. */
  void add(Drawn drawn, long nowNanos);

  /** Lets go of all tokens; what of them can be given back, or null for nothing. */
  @Nullable Rest letGo(long nowNanos);

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
