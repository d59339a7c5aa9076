package io.limiter.client;

/** How a rule counts. */
public enum Algorithm {
  /** At most so much in each window of the clock. */
  FIXED_WINDOW,
  /** At most so much in any window that ends now; exact. */
  SLIDING_LOG,
  /** Nearly the same: it estimates from two fixed windows. */
  SLIDING_COUNTER,
  /** A bucket that is refilled steadily. A request takes tokens from it. */
  TOKEN_BUCKET,
  /** A queue that drains steadily. A request is added to it. */
  LEAKY_BUCKET,
  /** At most so much at the same time: each until it is given back or its hold ends. */
  CONCURRENCY_LIMIT,
  /** One that this version of the client does not know. */
  UNKNOWN;

  static Algorithm of(io.limiter.v1.Algorithm wire) {
    return switch (wire) {
      case FIXED_WINDOW -> FIXED_WINDOW;
      case SLIDING_LOG -> SLIDING_LOG;
      case SLIDING_COUNTER -> SLIDING_COUNTER;
      case TOKEN_BUCKET -> TOKEN_BUCKET;
      case LEAKY_BUCKET -> LEAKY_BUCKET;
      case CONCURRENCY_LIMIT -> CONCURRENCY_LIMIT;
      case ALGORITHM_UNSPECIFIED, UNRECOGNIZED -> UNKNOWN;
    };
  }
}
