package io.limiter.client;

import com.google.protobuf.MessageLite;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.limiter.client.sending.Tried;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One question that may be sent again, from its first try to its answer. Thread-safe.
 *
 * <p><b>After a failure</b> it is sent again, to another instance, after a pause: at random up to
 * 10 ms, then up to twice as much each time, up to 1 s (exponential backoff with full jitter). An
 * overloaded service says when to come again.
 *
 * <p><b>Without an answer</b> by half of the time left, another instance is asked too, and by half
 * of the rest a third one. No try is cut for that: each may last until the deadline, and the first
 * answer counts. So an instance that hangs costs half of the time, and one that is slow costs
 * nothing.
 */
final class Attempts<Q extends MessageLite, R> {
  private static final long FIRST_PAUSE_NANOS = 10_000_000;
  private static final long LONGEST_PAUSE_NANOS = 1_000_000_000;
  private static final int MOST_ASKED_TOO = 2;

  /**
   * Redis knows a key for a minute. A try that came later might be charged anew, so none lasts so
   * long.
   */
  static final long LONGEST_NANOS = 50_000_000_000L;

  /** Less is not worth another try: no answer comes so soon. */
  private static final long LEAST_NANOS = 1_000_000;

  private final Calls calls;
  private final MethodDescriptor<Q, R> method;
  private final Q question;
  private final Tried tried;
  private final long endNanos;
  private final CompletableFuture<R> answer = new CompletableFuture<>();

  private final Object lock = new Object();

  // Under the lock.
  private final List<Try> open = new ArrayList<>(2);
  private int failures;
  private int askedToo;
  private @Nullable Future<?> next;

  private Attempts(
      Calls calls, MethodDescriptor<Q, R> method, Q question, Duration deadline, Tried tried) {
    this.calls = calls;
    this.method = method;
    this.question = question;
    this.tried = tried;
    this.endNanos = System.nanoTime() + Math.min(Wire.nanos(deadline), LONGEST_NANOS);
  }

  /**
   * Asks until there is an answer, or no time for another try.
   *
   * @param tried where it was sent before
   * @param failed whether that failed already, so that this is the second try
   * @return fails with a {@link LimiterException}; ends all tries when it is cancelled
   */
  static <Q extends MessageLite, R> CompletableFuture<R> start(
      Calls calls,
      MethodDescriptor<Q, R> method,
      Q question,
      Duration deadline,
      Tried tried,
      boolean failed) {
    Attempts<Q, R> attempts = new Attempts<>(calls, method, question, deadline, tried);
    var unused = attempts.answer.whenComplete((value, failure) -> attempts.end());
    if (!failed || !attempts.sendLater()) {
      attempts.send(false);
    }
    return attempts.answer;
  }

  private void send(boolean onlyElsewhere) {
    Try one = new Try(onlyElsewhere ? tried.elsewhere() : tried.next());
    synchronized (lock) {
      if (answer.isDone()) {
        return;
      }
      open.add(one);
      long leftNanos = endNanos - System.nanoTime();
      if (askedToo < MOST_ASKED_TOO && leftNanos > 2 * LEAST_NANOS) {
        schedule(this::askToo, leftNanos / 2);
      }
    }
    one.start();
  }

  private boolean sendLater() {
    synchronized (lock) {
      return schedule(() -> send(false), jitterNanos());
    }
  }

  /** Under the lock. There is never more than one thing to come. */
  private boolean schedule(Runnable task, long nanos) {
    Future<?> before = next;
    if (before != null) {
      before.cancel(false);
    }
    try {
      next = calls.timer().schedule(task, nanos, TimeUnit.NANOSECONDS);
      return true;
    } catch (RejectedExecutionException closed) {
      next = null;
      return false;
    }
  }

  private void askToo() {
    synchronized (lock) {
      next = null;
      if (answer.isDone() || open.isEmpty() || !calls.mayRetry()) {
        return;
      }
      askedToo++;
    }
    send(true);
  }

  private void failed(Try one, LimiterException failure) {
    boolean over;
    synchronized (lock) {
      open.remove(one);
      over = !(failure instanceof UnreachableException why && isAwaited(one, why));
    }
    if (over) {
      answer.completeExceptionally(failure);
    }
  }

  /** Under the lock. Whether another try is under way or comes. */
  private boolean isAwaited(Try one, UnreachableException failure) {
    if (one.sending.onlyElsewhere() && !open.isEmpty()) {
      return true;
    }
    long pauseNanos = pauseNanos(failure);
    boolean again =
        pauseNanos >= 0
            && pauseNanos + LEAST_NANOS < endNanos - System.nanoTime()
            && (one.sending.unsent() || calls.mayRetry())
            && schedule(() -> send(false), pauseNanos);
    return again || !open.isEmpty();
  }

  /** How long to wait before the next try; negative if none is of use. Under the lock. */
  private long pauseNanos(UnreachableException failure) {
    return switch (failure.code()) {
      // The instance is away or takes no more; or something on the way gave up before its time.
      case UNAVAILABLE, DEADLINE_EXCEEDED -> jitterNanos();
      // Only with a time to come again. Otherwise the message is too large, and stays so.
      case RESOURCE_EXHAUSTED ->
          failure.retryAfter().map(wait -> Wire.nanos(wait) + jitterNanos()).orElse(-1L);
      // A defect, which the next try would meet again; or nobody waits any more.
      default -> -1L;
    };
  }

  /** Under the lock. */
  private long jitterNanos() {
    long most = FIRST_PAUSE_NANOS << Math.min(failures, Byte.SIZE);
    failures++;
    return ThreadLocalRandom.current().nextLong(Math.min(LONGEST_PAUSE_NANOS, most));
  }

  private void end() {
    List<Try> useless;
    synchronized (lock) {
      useless = List.copyOf(open);
      open.clear();
      Future<?> next = this.next;
      if (next != null) {
        next.cancel(false);
      }
    }
    useless.forEach(Try::cancel);
  }

  /** One sending of the question. */
  private final class Try implements StreamObserver<R> {
    private final Tried.Try sending;
    private final ClientCall<Q, R> call;
    private @Nullable R reply;

    Try(Tried.Try sending) {
      this.sending = sending;
      this.call =
          calls
              .channel()
              .newCall(
                  method,
                  CallOptions.DEFAULT
                      .withDeadlineAfter(
                          Math.max(1, endNanos - System.nanoTime()), TimeUnit.NANOSECONDS)
                      .withOption(Tried.KEY, sending));
    }

    void start() {
      try {
        ClientCalls.asyncUnaryCall(call, question, this);
      } catch (IllegalStateException cancelled) {
        // An answer came in the moment between: the call was cancelled before it began.
        if (!answer.isDone()) {
          throw cancelled;
        }
      }
    }

    void cancel() {
      call.cancel("there is an answer already", null);
    }

    @Override
    public void onNext(R reply) {
      this.reply = reply;
    }

    @Override
    public void onError(Throwable failure) {
      failed(this, LimiterException.of(failure));
    }

    @Override
    public void onCompleted() {
      R reply = this.reply;
      if (reply == null) {
        failed(this, new UnreachableException(Status.Code.INTERNAL, "an empty reply"));
      } else {
        answer.complete(reply);
      }
    }
  }
}
