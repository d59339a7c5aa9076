package io.limiter.server.store.redis;

import io.limiter.server.key.Receipt;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A question that waits for its answer: the future is completed with it. */
final class Waiting extends CompletableFuture<Answer> {
  private final Charge charge;
  private final @Nullable Receipt receipt;
  private final long deadlineNanos;
  private final @Nullable Executor home;

  /**
   * A question.
   *
   * @param receipt the name for its receipt, if it wants one
   * @param deadlineNanos when it stops waiting, by {@link System#nanoTime}
   * @param home where its answer is best told; null for anywhere
   */
  Waiting(Charge charge, @Nullable Receipt receipt, long deadlineNanos, @Nullable Executor home) {
    this.charge = charge;
    this.receipt = receipt;
    this.deadlineNanos = deadlineNanos;
    this.home = home;
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

  @Nullable Executor home() {
    return home;
  }

  /** Whether one counter is asked and nothing is kept of it. */
  boolean isPlain() {
    return receipt == null && charge.isPlain();
  }
}
