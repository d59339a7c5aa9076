package io.limiter.server.api;

import io.limiter.algorithm.ConcurrencyLimit;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.LeakyBucket;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.SlidingCounter;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;
import io.limiter.v1.Algorithm;
import io.limiter.v1.InlineRule;

/**
 * The algorithms on the wire. The only file of this package that knows them one by one: one more
 * algorithm does not compile until each switch has it.
 */
final class Algorithms {
  /** The numbers that a request may use, for messages. */
  static final String NUMBERS = "1 (FIXED_WINDOW) to 6 (CONCURRENCY_LIMIT)";

  private Algorithms() {}

  static Algorithm wire(io.limiter.algorithm.Algorithm algorithm) {
    return switch (algorithm) {
      case FIXED_WINDOW -> Algorithm.FIXED_WINDOW;
      case SLIDING_LOG -> Algorithm.SLIDING_LOG;
      case SLIDING_COUNTER -> Algorithm.SLIDING_COUNTER;
      case TOKEN_BUCKET -> Algorithm.TOKEN_BUCKET;
      case LEAKY_BUCKET -> Algorithm.LEAKY_BUCKET;
      case CONCURRENCY -> Algorithm.CONCURRENCY_LIMIT;
    };
  }

  /** Which fields of an inline rule hold an algorithm's numbers. */
  enum Form {
    /** {@code limit} and {@code window}. */
    WINDOW,
    /** {@code rate}, {@code period} and {@code capacity}. */
    BUCKET,
    /** {@code limit} and {@code hold}. */
    HOLDS,
    /** The number stands for no algorithm. */
    UNKNOWN
  }

  static Form form(Algorithm algorithm) {
    return switch (algorithm) {
      case FIXED_WINDOW, SLIDING_LOG, SLIDING_COUNTER -> Form.WINDOW;
      case TOKEN_BUCKET, LEAKY_BUCKET -> Form.BUCKET;
      case CONCURRENCY_LIMIT -> Form.HOLDS;
      case ALGORITHM_UNSPECIFIED, UNRECOGNIZED -> Form.UNKNOWN;
    };
  }

  /**
   * The limit of an inline rule.
   *
   * @param micros its window, its period or its hold
   * @throws io.limiter.algorithm.LimitOutOfBoundsException when its numbers pass a bound
   */
  static Limit limit(InlineRule wire, long micros) {
    return switch (wire.getAlgorithm()) {
      case FIXED_WINDOW -> FixedWindow.per(micros, wire.getLimit());
      case SLIDING_LOG -> new SlidingLog(wire.getLimit(), micros);
      case SLIDING_COUNTER -> new SlidingCounter(wire.getLimit(), micros);
      case TOKEN_BUCKET -> TokenBucket.of(wire.getRate(), micros, wire.getCapacity());
      case LEAKY_BUCKET -> LeakyBucket.of(wire.getRate(), micros, wire.getCapacity());
      case CONCURRENCY_LIMIT -> new ConcurrencyLimit(wire.getLimit(), micros);
      case ALGORITHM_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalStateException("an algorithm that was refused before");
    };
  }
}
