package io.limiter.client.decorate;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Time that passes without a thread. */
final class Pause {
  private Pause() {}

  /** Over after so many nanoseconds, on a thread of the common pool; at once if it is none. */
  static CompletableFuture<Void> of(long nanos) {
    return nanos <= 0
        ? CompletableFuture.completedFuture(null)
        : CompletableFuture.runAsync(
            () -> {}, CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS));
  }
}
