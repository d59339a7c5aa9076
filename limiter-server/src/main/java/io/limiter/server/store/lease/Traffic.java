package io.limiter.server.store.lease;

import io.limiter.server.key.SeededHash;
import io.limiter.server.store.Stripes;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Tells a counter that is asked again and again from one that is asked now and then: only the
 * former is leased. Keeps for each {@linkplain Stripes stripe} which counter was asked last, and
 * when. Two counters of one stripe may keep each other from being leased. Safe to share between
 * threads.
 */
final class Traffic {
  private final AtomicLongArray last = new AtomicLongArray(Stripes.COUNT);

  /** Whether the counter was asked less than {@code withinMillis} ago; notes that it is asked. */
  boolean again(String key, long nowNanos, int withinMillis) {
    int hash = SeededHash.of(key);
    int stripe = Stripes.of(hash);
    int millis = (int) (nowNanos / 1_000_000);
    long before = last.get(stripe);
    last.lazySet(stripe, ((long) hash << 32) | (millis & 0xFFFFFFFFL));
    return (int) (before >>> 32) == hash
        && before != 0
        && Math.abs(millis - (int) before) <= withinMillis;
  }
}
