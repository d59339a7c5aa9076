package io.limiter.server.api;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Logs defects with their cause, at most one a second: a defect that every question meets must not
 * drown the log. Says how many it left out. Safe to call from any thread.
 */
final class FaultLog {
  private static final long PAUSE_NANOS = 1_000_000_000;

  private final Logger log;
  private final LongSupplier nanoTime;
  private final AtomicLong nextNanos;
  private final AtomicLong leftOut = new AtomicLong();

  FaultLog(Logger log, LongSupplier nanoTime) {
    this.log = log;
    this.nanoTime = nanoTime;
    this.nextNanos = new AtomicLong(nanoTime.getAsLong());
  }

  void add(Throwable fault) {
    long now = nanoTime.getAsLong();
    long next = nextNanos.get();
    if (now - next < 0 || !nextNanos.compareAndSet(next, now + PAUSE_NANOS)) {
      leftOut.incrementAndGet();
      return;
    }
    long before = leftOut.getAndSet(0);
    log.error("A question could not be decided ({} more since the last such line)", before, fault);
  }
}
