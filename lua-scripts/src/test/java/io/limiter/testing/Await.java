package io.limiter.testing;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for conditions, however slow the machine. */
public final class Await {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private Await() {}

  /** Waits until a condition holds; fails after a minute. */
  public static void until(BooleanSupplier condition) {
    until(condition, () -> "the condition did not come to hold");
  }

  /** Waits until a condition holds; fails after a minute, with what is the case instead. */
  public static void until(BooleanSupplier condition, Supplier<String> instead) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("after " + PATIENCE + ": " + instead.get());
      }
      LockSupport.parkNanos(1_000_000);
    }
  }
}
