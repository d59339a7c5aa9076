package io.limiter.server.store.lease;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Tells a counter that is asked again and again from one that is asked now and then, so that only
 * the former are leased. Remembers of each of some places, where counters meet by their hash, who
 * was there last and when: two counters that share a place may keep each other from being leased.
 * Safe to share between threads.
 */
final class Traffic {
  private static final int PLACES = 1 << 14;

  private final AtomicLongArray places = new AtomicLongArray(PLACES);

  /** Whether the counter was asked less than {@code withinMillis} ago; notes that it is asked. */
  boolean again(String key, long nowNanos, int withinMillis) {
    int hash = key.hashCode();
    int place = (hash ^ (hash >>> 16)) & (PLACES - 1);
    int millis = (int) (nowNanos / 1_000_000);
    long before = places.get(place);
    places.lazySet(place, ((long) hash << 32) | (millis & 0xFFFFFFFFL));
    return (int) (before >>> 32) == hash
        && before != 0
        && Math.abs(millis - (int) before) <= withinMillis;
  }
}
