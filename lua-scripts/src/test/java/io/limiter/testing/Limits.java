package io.limiter.testing;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.ConcurrencyLimit;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.LeakyBucket;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.SlidingCounter;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;

/** A limit of any algorithm, for tests that hold for all of them. */
public final class Limits {
  private Limits() {}

  /**
   * So much in a window, or in holds as long; of a bucket its capacity, and its rate in as long a
   * period.
   */
  public static Limit of(Algorithm algorithm, long limit, long windowMicros) {
    return of(algorithm, limit, windowMicros, /* rate= */ limit, /* periodMicros= */ windowMicros);
  }

  /**
   * The same for buckets of another rate.
   *
   * @param rate of a bucket, in {@code periodMicros}; of no meaning for a window
   */
  public static Limit of(
      Algorithm algorithm, long limit, long windowMicros, long rate, long periodMicros) {
    return switch (algorithm) {
      case FIXED_WINDOW -> FixedWindow.per(windowMicros, limit);
      case SLIDING_LOG -> new SlidingLog(limit, windowMicros);
      case SLIDING_COUNTER -> new SlidingCounter(limit, windowMicros);
      case TOKEN_BUCKET -> TokenBucket.of(rate, periodMicros, limit);
      case LEAKY_BUCKET -> LeakyBucket.of(rate, periodMicros, limit);
      case CONCURRENCY -> new ConcurrencyLimit(limit, windowMicros);
    };
  }
}
