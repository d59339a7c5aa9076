package io.limiter.testing;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for conditions, however slow the machine. */
public final class Await {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private Await() {}

  /** Waits until a condition holds; fails after a minute. */
  public static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("the condition did not come to hold within " + PATIENCE);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }
}
