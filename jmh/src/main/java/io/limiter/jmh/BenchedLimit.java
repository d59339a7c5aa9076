package io.limiter.jmh;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.LeakyBucket;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.SlidingCounter;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;

/** The limits that the benchmarks ask, one of each algorithm. */
public enum BenchedLimit {
  FIXED_WINDOW {
    @Override
    Limit of(long most) {
      return FixedWindow.per(MINUTE_MICROS, most);
    }
  },
  SLIDING_LOG {
    @Override
    Limit of(long most) {
      return new SlidingLog(most, MINUTE_MICROS);
    }
  },
  SLIDING_COUNTER {
    @Override
    Limit of(long most) {
      return new SlidingCounter(most, MINUTE_MICROS);
    }
  },
  TOKEN_BUCKET {
    @Override
    Limit of(long most) {
      return TokenBucket.of(most, MINUTE_MICROS, most);
    }
  },
  LEAKY_BUCKET {
    @Override
    Limit of(long most) {
      return LeakyBucket.of(most, MINUTE_MICROS, most);
    }
  };

  static final long MINUTE_MICROS = 60_000_000;

  /**
   * The limit that lets {@code most} pass in a minute; a bucket holds as many.
   *
   * @param most 1 or more
   */
  abstract Limit of(long most);
}
