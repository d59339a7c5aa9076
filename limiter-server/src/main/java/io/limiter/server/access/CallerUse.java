package io.limiter.server.access;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** What one caller has of this instance. Safe to use from any thread. */
final class CallerUse {
  private final int number;
  private final AtomicInteger connections = new AtomicInteger();

  /**
   * Nothing yet.
   *
   * @param number of its own
   */
  CallerUse(int number) {
    this.number = number;
  }

  /** What tells it from others. */
  int number() {
    return number;
  }

  /**
   * Counts a connection.
   *
   * @return to be run when the connection is closed
   * @throws AccessException if it has as many as it may; then nothing is counted
   */
  Runnable connect(KnownCaller caller) {
    int most = caller.bounds().connections();
    if (connections.incrementAndGet() > most && most > 0) {
      connections.decrementAndGet();
      throw new AccessException(
          AccessException.Kind.TOO_MUCH,
          "caller %s has %d connections to this instance, as many as it may; ask on these, or have its bounds raised"
              .formatted(caller.name(), most));
    }
    AtomicBoolean open = new AtomicBoolean(true);
    return () -> {
      if (open.getAndSet(false)) {
        connections.decrementAndGet();
      }
    };
  }
}
