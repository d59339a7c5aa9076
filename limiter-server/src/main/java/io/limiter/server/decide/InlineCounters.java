package io.limiter.server.decide;

import com.google.common.hash.Hashing;
import io.limiter.server.store.Charge;
import io.limiter.server.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The counters that rules brought by requests have made through this instance, as far as they may
 * still live. Whoever asks chooses their number: so it is bounded, or one caller could fill Redis.
 * Safe to use from any thread.
 *
 * <p>A counter is known by a hash of its key. Of two that share one, the second is not counted.
 */
final class InlineCounters {
  /** How often it is looked for counters that have ended while there is no room. */
  private static final long SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final int most;
  private final LongSupplier nanoTime;

  /** When each has ended at the latest. */
  private final ConcurrentHashMap<Long, Long> ends = new ConcurrentHashMap<>();

  private final AtomicLong sweptNanos;

  /**
   * None yet.
   *
   * @param most how many there may be; 0 or more
   */
  InlineCounters(int most, LongSupplier nanoTime) {
    this.most = most;
    this.nanoTime = nanoTime;
    this.sweptNanos = new AtomicLong(nanoTime.getAsLong() - SWEEP_NANOS);
  }

  /**
   * Takes the counters of a question in.
   *
   * @throws StoreException if one of them is new and there is no room for it
   */
  void take(List<Charge.Entry> entries) {
    long now = nanoTime.getAsLong();
    for (Charge.Entry entry : entries) {
      long hash =
          Hashing.farmHashFingerprint64().hashString(entry.key(), StandardCharsets.UTF_8).asLong();
      if (!ends.containsKey(hash) && ends.mappingCount() >= most && !sweep(now)) {
        throw StoreException.overloaded(
            "rules that came with requests have %d counters through this instance, as many as may (--inline-rules-max-counters); use fewer or shorter windows, or write the rules into a file"
                .formatted(most));
      }
      // What slides lives for two windows.
      ends.put(hash, now + 2 * TimeUnit.MICROSECONDS.toNanos(entry.limit().windowMicros(0)));
    }
  }

  /** Forgets those that have ended; whether there is room then. */
  private boolean sweep(long now) {
    long swept = sweptNanos.get();
    if (now - swept >= SWEEP_NANOS && sweptNanos.compareAndSet(swept, now)) {
      ends.values().removeIf(end -> end - now <= 0);
    }
    return ends.mappingCount() < most;
  }

  int size() {
    return ends.size();
  }
}
