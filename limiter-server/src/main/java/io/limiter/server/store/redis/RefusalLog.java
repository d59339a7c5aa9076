package io.limiter.server.store.redis;

import io.limiter.server.store.StoreException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs why a Redis that is connected refuses, such as a full one or a read-only replica: callers
 * are only told that it cannot be asked. At most once in ten seconds, since every question meets
 * the same refusal. Safe to call from any thread.
 */
final class RefusalLog {
  private static final Logger log = LoggerFactory.getLogger(RefusalLog.class);
  private static final long PAUSE_NANOS = 10_000_000_000L;

  private final String address;
  private final LongSupplier nanoTime;
  private final AtomicLong nextNanos;

  RefusalLog(String address, LongSupplier nanoTime) {
    this.address = address;
    this.nanoTime = nanoTime;
    this.nextNanos = new AtomicLong(nanoTime.getAsLong());
  }

  void add(StoreException refusal) {
    long now = nanoTime.getAsLong();
    long next = nextNanos.get();
    if (now - next >= 0 && nextNanos.compareAndSet(next, now + PAUSE_NANOS)) {
      log.warn("Redis at {} is connected and refuses: {}", address, refusal.getMessage());
    }
  }
}
