package io.limiter.server.store.deny;

import io.limiter.server.store.Charge;
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

  /** The generation of some counters together. Each part only grows, so no change is lost. */
  long of(List<Charge.Entry> entries) {
    long sum = 0;
    for (int i = 0; i < entries.size(); i++) {
      sum += generations.get(Stripes.of(entries.get(i).key()));
    }
    return sum;
  }

  /** Invalidates what is cached of counters. */
  void invalidate(List<String> keys) {
    keys.forEach(key -> generations.incrementAndGet(Stripes.of(key)));
  }
}
