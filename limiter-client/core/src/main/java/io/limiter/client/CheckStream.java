package io.limiter.client;

import io.grpc.Status;
import io.limiter.client.deny.DenyCache;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries many questions over one long-lived call: several times as many a second as single calls.
 * Answers come in any order. When the call breaks, {@link OnUnreachable} answers each question that
 * waits, and the next question opens another call. A question with an idempotency key ({@link
 * LimiterClientBuilder#retries}) is asked elsewhere, by a call of its own. So it is too when half
 * of its time is over.
 *
 * <p>When the instance at the other end drains, the next question opens a call to another one.
 *
 * <p>Thread-safe. What is chained to an answer runs on the thread that reads the replies. It must
 * not block there; if it has to, use the {@code …Async} methods of {@link CompletableFuture}.
 */
public final class CheckStream implements AutoCloseable {
  private final LimiterClient client;
  private final Calls calls;
  private final int maxOverdue;

  private final AtomicLong lastId = new AtomicLong();

  // Keeps one writer at a time, as gRPC demands, and one call open.
  private final Lock lock = new ReentrantLock();
  private @Nullable StreamCall call;
  private volatile boolean closed;

  CheckStream(LimiterClient client, Calls calls, int maxOverdue) {
    this.client = client;
    this.calls = calls;
    this.maxOverdue = maxOverdue;
  }

  /**
   * Asks. Never blocks on the network.
   *
   * @return completes with the answer, at the latest when the question's deadline has passed; fails
   *     as {@link LimiterClient#checkAsync} does
   */
  public CompletableFuture<Decision> check(CheckRequest request) {
    Checks checks = client.checks();
    DenyCache.Asked asked = checks.denials().ask(request.message());
    Decision near = closed ? null : checks.near(request, asked);
    if (near != null) {
      return CompletableFuture.completedFuture(near);
    }
    Duration deadline = checks.deadline(request);
    Question question = new Question(checks.onUnreachable(request), asked, checks, deadline);
    String id = Long.toString(lastId.incrementAndGet(), Character.MAX_RADIX);
    CheckAndConsumeRequest message =
        calls.keyed(request.message()).toBuilder().setRequestId(id).build();
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the stream is closed; open another one to ask again");
      }
      calls.enter(message);
      openCall().ask(message, question, deadline);
    } catch (LimiterException notAsked) {
      question.fail(notAsked);
    } catch (IllegalStateException notOpen) {
      question.answer().completeExceptionally(notOpen);
    } finally {
      lock.unlock();
    }
    return question.answer();
  }

  /**
   * Takes no more questions. Those that wait still get their answers; this does not wait for them.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        if (call != null) {
          call.retire();
        }
      }
    } finally {
      lock.unlock();
    }
    client.closed(this);
  }

  /** Ends what {@link #close} left open. */
  void cancel() {
    lock.lock();
    try {
      if (call != null) {
        call.cancel();
      }
    } finally {
      lock.unlock();
    }
  }

  private StreamCall openCall() {
    StreamCall open = call;
    if (open != null && !open.ended() && !open.shouldBeLeft() && open.overdue() < maxOverdue) {
      return open;
    }
    if (open != null) {
      call = null;
      open.retire();
    }
    open = new StreamCall(calls);
    call = open;
    return open;
  }

  /**
   * A question on a stream that waits for its answer. A reply, its deadline and the end of the
   * stream race for it. The one that {@link #claim}s it answers it.
   */
  static final class Question {
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

    private synchronized @Nullable CompletableFuture<CheckAndConsumeResponse> other(
        boolean failed) {
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
}
