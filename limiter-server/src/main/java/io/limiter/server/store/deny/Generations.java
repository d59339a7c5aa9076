package io.limiter.server.store.deny;

import io.limiter.server.store.Charge;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * How often something was given back to counters. What was learnt of counters before their question
 * was sent holds while their generation is the same; so an answer that was under way while they
 * were given something back is not taken for news.
 *
 * <p>Counters whose keys fall on the same of 16,384 places share it: then more is asked again than
 * would have to be. 64 KiB.
 */
final class Generations {
  private static final int PLACES = 1 << 14;

  private final AtomicIntegerArray times = new AtomicIntegerArray(PLACES);

  /** The generation of some counters together. Each part only grows, so no change is lost. */
  long of(List<Charge.Entry> entries) {
    long sum = 0;
    for (int i = 0; i < entries.size(); i++) {
      sum += times.get(place(entries.get(i).key()));
    }
    return sum;
  }

  /** Ends the present generation of counters. */
  void end(List<String> keys) {
    keys.forEach(key -> times.incrementAndGet(place(key)));
  }

  private static int place(String key) {
    int hash = key.hashCode();
    return (hash ^ (hash >>> 16)) & (PLACES - 1);
  }
}
