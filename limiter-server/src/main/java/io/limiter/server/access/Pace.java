package io.limiter.server.access;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * How many questions one caller asks: a token bucket of one second. Each instance keeps its own.
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
   * Counts questions.
   *
   * @param caller with a bound; its burst is that of one second
   * @throws AccessException if they are too many now; then nothing is counted
   */
  void take(KnownCaller caller, int questions) {
    long perSecond = caller.bounds().questionsPerSecond();
    long nanos = Math.max(1, SECOND * questions / perSecond);
    // More at once than a second's worth would never fit: they wait for a whole one, and owe the
    // rest, so that nobody asks faster by asking more at once.
    long room = Math.min(SECOND, nanos);
    while (true) {
      long now = nanoTime.getAsLong();
      long before = paid.get();
      long from = before - now < 0 ? now : before;
      if (from - now + room > SECOND) {
        throw new AccessException(
            AccessException.Kind.TOO_MUCH,
            "caller %s asks more than its %d questions a second; ask again in %d ms, or have its bounds raised"
                .formatted(caller.name(), perSecond, (from - now + room - SECOND) / 1_000_000 + 1));
      }
      if (paid.compareAndSet(before, from + nanos)) {
        return;
      }
    }
  }
}
