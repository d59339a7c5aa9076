package io.limiter.algorithm;

/**
 * What became of what was owed. The rest of it found no room.
 *
 * @param charged how much was charged; of a bucket, what is left of it, in tokens rounded up
 * @param gone how much counts no more: its window is over, or it has come free by itself
 * @param after the state after it: the one before if nothing was charged
 */
public record Settled(long charged, long gone, CounterState after) {}
