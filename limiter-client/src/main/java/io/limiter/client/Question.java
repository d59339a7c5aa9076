package io.limiter.client;

import io.limiter.v1.CheckAndConsumeResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A question on a stream that waits for its answer. A reply, its deadline and the end of the stream
 * race for it. The one that {@link #claim}s it answers it.
 */
final class Question {
  private final OnUnreachable onUnreachable;
  private final FailOpens failOpens;
  private final CompletableFuture<Decision> answer = new CompletableFuture<>();
  private final AtomicBoolean waiting = new AtomicBoolean(true);
  private volatile @Nullable Future<?> deadline;

  Question(OnUnreachable onUnreachable, FailOpens failOpens) {
    this.onUnreachable = onUnreachable;
    this.failOpens = failOpens;
  }

  CompletableFuture<Decision> answer() {
    return answer;
  }

  void expiresBy(Future<?> deadline) {
    this.deadline = deadline;
  }

  /** True for the first to call it. */
  boolean claim() {
    if (!waiting.compareAndSet(true, false)) {
      return false;
    }
    Future<?> deadline = this.deadline;
    if (deadline != null) {
      deadline.cancel(false);
    }
    return true;
  }

  /** Answers with a reply. Only for who claimed it. */
  void reply(CheckAndConsumeResponse response) {
    try {
      complete(Wire.decision(response, onUnreachable));
    } catch (RuntimeException unreadable) {
      answer.completeExceptionally(unreadable);
    }
  }

  /** Answers without a reply. Only for who claimed it. */
  void fail(LimiterException failure) {
    complete(Wire.undecided(failure, onUnreachable));
  }

  private void complete(Decision decision) {
    if (decision instanceof Decision.Invalid invalid) {
      answer.completeExceptionally(invalid.cause());
    } else {
      answer.complete(failOpens.counted(decision));
    }
  }
}
