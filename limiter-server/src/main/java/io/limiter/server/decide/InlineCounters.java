package io.limiter.server.decide;

import com.google.common.hash.Hashing;
import io.limiter.server.store.Charge;
import io.limiter.server.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The counters that rules brought by requests have made through this instance, as far as they may
 * still live. Whoever asks chooses their number: so it is bounded, or one caller could fill Redis.
 * A caller with a bound of its own is held to that first, so that it cannot use up what is left for
 * others. Safe to use from any thread.
 *
 * <p>A counter is known by a hash of its key. Of two that share one, the second is not counted. One
 * that several callers use counts for each of them.
 */
final class InlineCounters {
  /** How often it is looked for counters that have ended while there is no room. */
  private static final long SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final int most;
  private final LongSupplier nanoTime;
  private final Kept all;

  /** Those of each caller with a bound of its own, of whom an operator names all. */
  private final Map<String, Kept> own = new ConcurrentHashMap<>();

  /**
   * None yet.
   *
   * @param most how many there may be; 0 or more
   */
  InlineCounters(int most, LongSupplier nanoTime) {
    this.most = most;
    this.nanoTime = nanoTime;
    this.all = new Kept(nanoTime.getAsLong());
  }

  /**
   * Takes the counters of a question in.
   *
   * @param owner who brought them
   * @throws StoreException if one of them is new and there is no room for it
   */
  void take(Request.Owner owner, List<Charge.Entry> entries) {
    long now = nanoTime.getAsLong();
    int mostOwn = owner.mostCounters();
    Kept ofOwner = mostOwn == 0 ? null : own.computeIfAbsent(owner.name(), name -> new Kept(now));
    for (Charge.Entry entry : entries) {
      long hash =
          Hashing.farmHashFingerprint64().hashString(entry.key(), StandardCharsets.UTF_8).asLong();
      // What slides lives for two windows.
      long end = now + 2 * TimeUnit.MICROSECONDS.toNanos(entry.limit().windowMicros(0));
      if (ofOwner != null && !ofOwner.take(hash, end, mostOwn, now)) {
        throw StoreException.overloaded(
            "rules that caller %s brought have %d counters through this instance, as many as it may (inline-counters); use fewer or shorter windows, or have its bounds raised"
                .formatted(owner.name(), mostOwn));
      }
      if (!all.take(hash, end, most, now)) {
        throw StoreException.overloaded(
            "rules that came with requests have %d counters through this instance, as many as may (--inline-rules-max-counters); use fewer or shorter windows, or write the rules into a file"
                .formatted(most));
      }
    }
  }

  int size() {
    return all.ends.size();
  }

  /** Counters that are kept count of. */
  private static final class Kept {
    /** When each has ended at the latest. */
    final ConcurrentHashMap<Long, Long> ends = new ConcurrentHashMap<>();

    private final AtomicLong sweptNanos;

    Kept(long now) {
      sweptNanos = new AtomicLong(now - SWEEP_NANOS);
    }

    /** Whether it was among them, or there is room for it. */
    boolean take(long hash, long end, int most, long now) {
      if (!ends.containsKey(hash) && ends.mappingCount() >= most && !sweep(most, now)) {
        return false;
      }
      ends.merge(hash, end, (before, after) -> after - before > 0 ? after : before);
      return true;
    }

    /** Forgets those that have ended; whether there is room then. */
    private boolean sweep(int most, long now) {
      long swept = sweptNanos.get();
      if (now - swept >= SWEEP_NANOS && sweptNanos.compareAndSet(swept, now)) {
        ends.values().removeIf(end -> end - now <= 0);
      }
      return ends.mappingCount() < most;
    }
  }
}
