package io.limiter.server.store.redis;

import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.Receipt;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A question that waits for its answer: the future is completed with it. */
final class Waiting extends CompletableFuture<Answer> {
  private final Charge charge;
  private final @Nullable Receipt receipt;
  private final long deadlineNanos;

  /**
   * A question.
   *
   * @param receipt the name for its receipt, if it wants one
   * @param deadlineNanos when it stops waiting, by {@link System#nanoTime}
   */
  Waiting(Charge charge, @Nullable Receipt receipt, long deadlineNanos) {
    this.charge = charge;
    this.receipt = receipt;
    this.deadlineNanos = deadlineNanos;
  }

  Charge charge() {
    return charge;
  }

  @Nullable Receipt receipt() {
    return receipt;
  }

  long deadlineNanos() {
    return deadlineNanos;
  }

  /** Whether one counter is asked and nothing is kept of it. */
  boolean isPlain() {
    return receipt == null && charge.isPlain();
  }
}
