package io.limiter.client;

import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.limiter.client.CheckStream.Question;
import io.limiter.client.sending.Tried;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One gRPC call of a {@link CheckStream}, from its opening to its end, and the questions asked on
 * it. {@link #ask} and {@link #retire} are called under the stream's lock. The rest comes from any
 * thread.
 *
 * <p>A question whose deadline has passed stays known until its reply comes or the call ends. Its
 * message may still lie in a buffer of this side. Otherwise a peer that has stopped reading would
 * let those buffers grow without bound.
 */
final class StreamCall {
  private final Calls calls;
  private final Tried at = new Tried();
  private final Map<String, Question> asked = new ConcurrentHashMap<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger overdue = new AtomicInteger();
  private final ClientCallStreamObserver<CheckAndConsumeRequest> requests;
  private volatile boolean retired;
  private volatile @Nullable LimiterException end;

  StreamCall(Calls calls) {
    this.calls = calls;
    // The call outlives whoever happens to open it: it must not end with that caller's context.
    Context callers = Context.ROOT.attach();
    try {
      this.requests =
          (ClientCallStreamObserver<CheckAndConsumeRequest>)
              ClientCalls.asyncBidiStreamingCall(
                  calls
                      .channel()
                      .newCall(
                          RateLimiterGrpc.getCheckAndConsumeStreamMethod(),
                          CallOptions.DEFAULT.withOption(Tried.KEY, at.next())),
                  new Replies());
    } finally {
      Context.ROOT.detach(callers);
    }
  }

  boolean ended() {
    return end != null;
  }

  /** Whether the instance at its other end drains, and there is another one. */
  boolean shouldBeLeft() {
    return at.shouldBeLeft();
  }

  /** How many questions passed their deadline and have had no reply since. */
  int overdue() {
    return overdue.get();
  }

  /** Sends a question that has its place in flight already. */
  void ask(CheckAndConsumeRequest message, Question question, Duration deadline) {
    waiting.incrementAndGet();
    question.expiresBy(
        calls
            .timer()
            .schedule(
                () -> expire(question, deadline), Wire.nanos(deadline), TimeUnit.NANOSECONDS));
    if (calls.repeatable(message)) {
      question.mayBeAskedElsewhere(
          failed -> calls.askElsewhere(message, question.timeLeft(), at.copy(), failed));
      question.looksElsewhereBy(
          calls
              .timer()
              .schedule(
                  () -> askToo(question), question.timeLeft().toNanos() / 2, TimeUnit.NANOSECONDS));
    }
    asked.put(message.getRequestId(), question);
    LimiterException end = this.end;
    if (end == null) {
      requests.onNext(message);
    } else {
      // The call ended meanwhile and may have looked for questions before this one was there.
      fail(question, end);
    }
  }

  /** Takes no more questions; those that wait still get their replies. */
  void retire() {
    if (end == null) {
      requests.onCompleted();
    }
    // Only now: a call that is retired may be cancelled, and after that not be completed.
    retired = true;
    abandonIfIdle();
  }

  /** Ends the call now; those that wait are answered without a reply. */
  void cancel() {
    requests.cancel("the stream is closed", null);
  }

  private void expire(Question question, Duration deadline) {
    if (question.claim()) {
      overdue.incrementAndGet();
      settled();
      // Not on the timer's thread: what hangs on the answer must not hold up other deadlines.
      ForkJoinPool.commonPool()
          .execute(
              () ->
                  question.fail(
                      new UnreachableException(
                          Status.Code.DEADLINE_EXCEEDED,
                          "no answer on the stream within the deadline, " + deadline)));
    }
  }

  private void askToo(Question question) {
    question.askElsewhere(
        response -> {
          if (question.claim()) {
            settled();
            question.reply(response);
          }
        });
  }

  private void fail(Question question, LimiterException failure) {
    if (question.claim()) {
      settled();
      question.failHere(failure);
    }
  }

  private void settled() {
    waiting.decrementAndGet();
    calls.leave();
    abandonIfIdle();
  }

  /** Ends a retired call if only replies that nobody waits for would keep it open. */
  private void abandonIfIdle() {
    if (retired && waiting.get() == 0 && overdue.get() > 0) {
      cancel();
    }
  }

  private void end(LimiterException failure) {
    end = failure;
    asked.values().forEach(question -> fail(question, failure));
  }

  private final class Replies implements StreamObserver<CheckAndConsumeResponse> {
    @Override
    public void onNext(CheckAndConsumeResponse response) {
      Question question = asked.remove(response.getRequestId());
      if (question == null) {
        return;
      }
      if (question.claim()) {
        settled();
        question.replyHere(response);
      } else {
        overdue.decrementAndGet();
      }
    }

    @Override
    public void onError(Throwable failure) {
      end(LimiterException.of(failure));
    }

    @Override
    public void onCompleted() {
      end(new UnreachableException(Status.Code.UNAVAILABLE, "the service ended the stream"));
    }
  }
}
