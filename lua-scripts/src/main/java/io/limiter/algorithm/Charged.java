package io.limiter.algorithm;

/**
 * What is remembered of a charge, so that it can be given back.
 *
 * @param cost what was charged, 1 or more
 * @param atMicros when, by the counter's time
 * @param windowMicros fixed window: the end of the window it was charged to, since the epoch;
 *     sliding counter: the length of the window; otherwise 0
 */
public record Charged(long cost, long atMicros, long windowMicros) {}
