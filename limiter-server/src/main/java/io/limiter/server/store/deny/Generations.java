package io.limiter.server.store.deny;

import io.limiter.server.key.SeededHash;
import io.limiter.server.store.Stripes;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Invalidates what is cached of counters, by the generation that they are in. A denial is cached
 * with the generation from before its question was sent. So one that was in flight while its
 * counters were given something back is stale when it arrives. Safe to share between threads.
 *
 * <p>Counters of one {@linkplain Stripes stripe} are invalidated together. 64 KiB.
 */
final class Generations {
  private final AtomicIntegerArray generations = new AtomicIntegerArray(Stripes.COUNT);

  /**
   * The generation of a counter. It only grows, so that of several counters is the sum.
   *
   * @param hash the {@link SeededHash} of its key
   */
  long of(int hash) {
    return generations.get(Stripes.of(hash));
  }

  /** Invalidates what is cached of counters. */
  void invalidate(List<String> keys) {
    keys.forEach(key -> generations.incrementAndGet(Stripes.of(SeededHash.of(key))));
  }

  /** Invalidates all that is cached. */
  void invalidateAll() {
    for (int stripe = 0; stripe < Stripes.COUNT; stripe++) {
      generations.incrementAndGet(stripe);
    }
  }
}
