package io.limiter.server.fault;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Lets at most one line a period into the log and counts the rest. A failure that every request
 * meets must not drown the log. Safe to call from any thread; takes no lock.
 */
public final class LogThrottle {
  private final long periodNanos;
  private final LongSupplier nanoTime;
  private final AtomicLong nextNanos;
  private final AtomicLong dropped = new AtomicLong();

  /**
   * A throttle that lets the first line pass.
   *
   * @param period the shortest time between two lines
   * @param nanoTime a clock like {@link System#nanoTime}; it may overflow
   */
  public LogThrottle(Duration period, LongSupplier nanoTime) {
    this.periodNanos = period.toNanos();
    this.nanoTime = nanoTime;
    this.nextNanos = new AtomicLong(nanoTime.getAsLong());
  }

  /**
   * Writes a line, or drops it.
   *
   * @param line writes it; gets how many were dropped since the last one
   */
  public void log(LongConsumer line) {
    long now = nanoTime.getAsLong();
    long next = nextNanos.get();
    if (now - next >= 0 && nextNanos.compareAndSet(next, now + periodNanos)) {
      line.accept(dropped.getAndSet(0));
    } else {
      dropped.incrementAndGet();
    }
  }
}
