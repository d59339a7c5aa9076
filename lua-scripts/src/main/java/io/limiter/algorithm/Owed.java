package io.limiter.algorithm;

/**
 * What was admitted without its counter, which could not be asked, and is owed to it.
 *
 * @param cost what was admitted, 1 or more
 * @param atMicros when, by the time of the counter, or earlier
 */
public record Owed(long cost, long atMicros) {}
