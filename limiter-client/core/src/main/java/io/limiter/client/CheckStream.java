package io.limiter.client;

import io.limiter.client.deny.DenyCache;
import io.limiter.v1.CheckAndConsumeRequest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
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
}
