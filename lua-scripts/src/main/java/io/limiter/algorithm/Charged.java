package io.limiter.algorithm;

/**
 * What is remembered of a charge, so that it can be given back.
 *
 * @param cost what was charged, 1 or more
 * @param atMicros when, by the counter's time
 * @param windowMicros fixed window: the end of the window it was charged to, since the epoch;
 *     sliding counter: the length of the window; otherwise 0
 * @param tenant whose share of a pool it was charged to; empty for a counter that is not shared
 */
public record Charged(long cost, long atMicros, long windowMicros, String tenant) {

  /** A charge to a counter that is not shared. */
  public Charged(long cost, long atMicros, long windowMicros) {
    this(cost, atMicros, windowMicros, /* tenant= */ "");
  }
}
