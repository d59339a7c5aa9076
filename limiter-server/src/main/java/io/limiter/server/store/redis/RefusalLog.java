package io.limiter.server.store.redis;

import io.limiter.server.fault.LogThrottle;
import io.limiter.server.store.StoreException;
import java.time.Duration;
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
  private static final Duration PERIOD = Duration.ofSeconds(10);

  private final String address;
  private final LogThrottle throttle;

  RefusalLog(String address, LongSupplier nanoTime) {
    this.address = address;
    this.throttle = new LogThrottle(PERIOD, nanoTime);
  }

  void add(StoreException refusal) {
    throttle.log(
        dropped ->
            log.warn("Redis at {} is connected and refuses: {}", address, refusal.getMessage()));
  }
}
