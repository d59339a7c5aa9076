package io.limiter.client;

import io.grpc.Status;
import io.limiter.client.deny.DenyCache;
import io.limiter.v1.CheckAndConsumeResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A question on a stream that waits for its answer. A reply, its deadline and the end of the stream
 * race for it. The one that {@link #claim}s it answers it.
 */
final class Question {
  private final OnUnreachable onUnreachable;
  private final DenyCache.Asked asked;
  private final Checks checks;
  private final long endNanos;
  private final CompletableFuture<Decision> answer = new CompletableFuture<>();
  private final AtomicBoolean waiting = new AtomicBoolean(true);
  private volatile @Nullable Future<?> deadline;
  private volatile @Nullable Future<?> half;

  /** Null if that might charge twice. Set before the question is sent. */
  private @Nullable Elsewhere elsewhere;

  /** What came of it; guarded by this. */
  private @Nullable CompletableFuture<CheckAndConsumeResponse> other;

  /** Asks another instance. */
  interface Elsewhere {
    /**
     * Asks.
     *
     * @param failed whether the stream has failed
     * @return null if it may not be asked
     */
    @Nullable CompletableFuture<CheckAndConsumeResponse> ask(boolean failed);
  }

  Question(OnUnreachable onUnreachable, DenyCache.Asked asked, Checks checks, Duration deadline) {
    this.onUnreachable = onUnreachable;
    this.asked = asked;
    this.checks = checks;
    this.endNanos = System.nanoTime() + Math.min(Wire.nanos(deadline), Attempts.LONGEST_NANOS);
  }

  CompletableFuture<Decision> answer() {
    return answer;
  }

  void expiresBy(Future<?> deadline) {
    this.deadline = deadline;
  }

  void mayBeAskedElsewhere(Elsewhere elsewhere) {
    this.elsewhere = elsewhere;
  }

  void looksElsewhereBy(Future<?> half) {
    this.half = half;
  }

  /** Until when it may be asked elsewhere. */
  Duration timeLeft() {
    return Duration.ofNanos(Math.max(1, endNanos - System.nanoTime()));
  }

  /** True for the first to call it. */
  boolean claim() {
    if (!waiting.compareAndSet(true, false)) {
      return false;
    }
    cancel(deadline);
    cancel(half);
    return true;
  }

  private static void cancel(@Nullable Future<?> task) {
    if (task != null) {
      task.cancel(false);
    }
  }

  /** Asks another instance too, while the stream may still bring the answer. */
  void askElsewhere(Consumer<CheckAndConsumeResponse> reply) {
    CompletableFuture<CheckAndConsumeResponse> other = other(false);
    if (other != null) {
      var unused = other.thenAccept(reply);
    }
  }

  private synchronized @Nullable CompletableFuture<CheckAndConsumeResponse> other(boolean failed) {
    if (other == null && elsewhere != null) {
      other = elsewhere.ask(failed);
    }
    return other;
  }

  /** Answers with a reply of the stream. Only for who claimed it. */
  void replyHere(CheckAndConsumeResponse response) {
    if (response.hasError() && response.getError().getCode() == Status.Code.UNAVAILABLE.value()) {
      elsewhereOr(() -> reply(response));
      return;
    }
    synchronized (this) {
      cancel(other);
    }
    reply(response);
  }

  /** Answers without a reply of the stream. Only for who claimed it. */
  void failHere(LimiterException failure) {
    if (failure.code() == Status.Code.UNAVAILABLE) {
      elsewhereOr(() -> fail(failure));
    } else {
      fail(failure);
    }
  }

  private void elsewhereOr(Runnable end) {
    CompletableFuture<CheckAndConsumeResponse> other = other(true);
    if (other == null) {
      end.run();
      return;
    }
    var unused =
        other.whenComplete(
            (response, failure) -> {
              if (failure == null) {
                reply(response);
              } else {
                fail(LimiterException.of(failure));
              }
            });
  }

  /** Answers with a reply. Only for who claimed it. */
  void reply(CheckAndConsumeResponse response) {
    try {
      asked.answered(response);
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
      answer.complete(checks.heard(decision));
    }
  }
}
