package io.limiter.server.access;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/**
 * How much of something one caller asks: a token bucket of one second. Each instance keeps its own.
 * Safe to use from any thread.
 */
final class Pace {
  private static final long SECOND = 1_000_000_000;

  private final LongSupplier nanoTime;

  private final AtomicReference<Asked> asked;

  /**
   * What was asked so far.
   *
   * @param paid when all of it would have been asked at that pace
   */
  private record Asked(long paid, long perSecond) {
    /**
     * From when on more may be asked. What is owed is less time at a higher pace. At a lower one it
     * is no more: else a second of much would block years of little.
     */
    long from(long now, long pace) {
      long owed = Math.max(0, paid - now);
      return now + (pace > perSecond ? (long) ((double) owed / pace * perSecond) : owed);
    }
  }

  Pace(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    asked = new AtomicReference<>(new Asked(nanoTime.getAsLong(), Long.MAX_VALUE));
  }

  /**
   * Counts so much, if that is not too much now.
   *
   * @param perSecond the caller's bound, 1 or more; its burst is that of one second
   * @param amount 1 or more
   * @return 0 if it was counted; else nothing was, and it would be after so many nanoseconds
   */
  long take(long perSecond, int amount) {
    long nanos = nanos(perSecond, amount);
    // More at once than a second's worth would never fit: they wait for a whole one, and owe the
    // rest, so that nobody asks faster by asking more at once.
    long room = Math.min(SECOND, nanos);
    while (true) {
      long now = nanoTime.getAsLong();
      Asked before = Objects.requireNonNull(asked.get(), "it is never null");
      long from = before.from(now, perSecond);
      long wait = from - now + room - SECOND;
      if (wait > 0) {
        return wait;
      }
      if (asked.compareAndSet(before, new Asked(from + nanos, perSecond))) {
        return 0;
      }
    }
  }

  /** Gives back what was counted a moment ago at this pace, since it is not asked after all. */
  void giveBack(long perSecond, int amount) {
    asked.updateAndGet(
        now ->
            now.perSecond == perSecond
                ? new Asked(now.paid - nanos(perSecond, amount), perSecond)
                : now);
  }

  private static long nanos(long perSecond, int amount) {
    return Math.max(1, SECOND * amount / perSecond);
  }
}
