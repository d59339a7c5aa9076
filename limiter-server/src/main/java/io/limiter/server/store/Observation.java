package io.limiter.server.store;

/**
 * What an upstream said of its own limit. Each number is at most 2^52.
 *
 * @param remaining what is left of its window; -1 if it did not say, 0 or more if it said {@code
 *     resetMicros} too
 * @param resetMicros until its window ends; -1 if it did not say
 * @param blockedMicros for how long nothing passes; -1 if it did not say
 * @param limit what it admits in a window; -1 if it did not say
 */
public record Observation(long remaining, long resetMicros, long blockedMicros, long limit) {}
