package io.limiter.server.access;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * How much of something one caller asks: a token bucket of one second. Each instance keeps its own.
 * Safe to use from any thread.
 */
final class Pace {
  private static final long SECOND = 1_000_000_000;

  private final LongSupplier nanoTime;

  /** When all that was asked so far would have been asked at the caller's pace. */
  private final AtomicLong paid;

  Pace(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    paid = new AtomicLong(nanoTime.getAsLong());
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
      long before = paid.get();
      long from = before - now < 0 ? now : before;
      long wait = from - now + room - SECOND;
      if (wait > 0) {
        return wait;
      }
      if (paid.compareAndSet(before, from + nanos)) {
        return 0;
      }
    }
  }

  /** Gives back what was counted a moment ago, since it is not asked after all. */
  void giveBack(long perSecond, int amount) {
    paid.addAndGet(-nanos(perSecond, amount));
  }

  private static long nanos(long perSecond, int amount) {
    return Math.max(1, SECOND * amount / perSecond);
  }
}
