package io.limiter.client;

/** How a rule counts. */
public enum Algorithm {
  /** At most so much in each window of the clock. */
  FIXED_WINDOW,
  /** At most so much in any window that ends now; exact. */
  SLIDING_LOG,
  /** The same, reckoned from two fixed windows. */
  SLIDING_COUNTER,
  /** A bucket that is refilled steadily and that a request takes from. */
  TOKEN_BUCKET,
  /** A queue that drains steadily and that a request is added to. */
  LEAKY_BUCKET,
  /** One that this version of the client does not know. */
  UNKNOWN
}
