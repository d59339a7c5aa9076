package io.limiter.algorithm;

/**
 * What is remembered of a charge, so that it can be given back.
 *
 * @param cost what was charged, 1 or more
 * @param atMicros when, by the counter's time
 * @param windowMicros fixed window: the end of the window it was charged to, since the epoch;
 *     sliding counter: the length of the window; otherwise 0
 */
public record Charged(long cost, long atMicros, long windowMicros) {

  /** What {@code step} charged to leave {@code after}, or null when it charged nothing. */
  public static Charged of(long cost, CounterState after) {
    if (after instanceof FixedWindow.State fixed) {
      return new Charged(cost, fixed.lastMicros(), fixed.windowEndMicros());
    }
    if (after instanceof SlidingCounter.State counter) {
      return new Charged(cost, counter.lastMicros(), counter.windowMicros());
    }
    if (after instanceof SlidingLog.State log) {
      return new Charged(cost, log.lastMicros(), 0);
    }
    if (after instanceof BucketState bucket) {
      return new Charged(cost, bucket.lastMicros(), 0);
    }
    throw new IllegalArgumentException("nothing was charged to " + after);
  }
}
