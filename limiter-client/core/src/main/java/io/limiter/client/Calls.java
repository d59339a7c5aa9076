package io.limiter.client;

import com.google.protobuf.MessageLite;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.limiter.client.sending.InFlight;
import io.limiter.client.sending.RandomKey;
import io.limiter.client.sending.RetryBudget;
import io.limiter.client.sending.Tried;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends unary calls: each with a deadline, never more than the bound at a time, and again only if
 * that is safe.
 */
final class Calls {
  private final Channel channel;
  private final InFlight inFlight;
  private final int maxMessageBytes;
  private final ScheduledThreadPoolExecutor timer;
  private final boolean retries;
  private final boolean randomKeys;
  private final RetryBudget budget;
  private final LongAdder retried = new LongAdder();

  Calls(LimiterClientBuilder settings, Channel channel, InFlight inFlight) {
    this.channel = channel;
    this.inFlight = inFlight;
    this.maxMessageBytes = settings.maxMessageBytes();
    this.timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "limiter-client-deadlines");
              thread.setDaemon(true);
              return thread;
            });
    timer.setRemoveOnCancelPolicy(true);
    this.retries = settings.retries();
    this.randomKeys = settings.randomKeys();
    this.budget = new RetryBudget(inFlight.bound());
  }

  Channel channel() {
    return channel;
  }

  /** For deadlines, and for what comes later. Whoever closes the client shuts it down. */
  ScheduledExecutorService timer() {
    return timer;
  }

  /** The question, with a key if the client gives one to each. */
  CheckAndConsumeRequest keyed(CheckAndConsumeRequest question) {
    return randomKeys && question.getIdempotencyKey().isEmpty()
        ? question.toBuilder().setIdempotencyKey(RandomKey.next()).build()
        : question;
  }

  /** Whether the question may be sent again. */
  boolean repeatable(CheckAndConsumeRequest question) {
    return retries && !question.getIdempotencyKey().isEmpty();
  }

  /** Whether one more retry fits into the budget; counts it. */
  boolean mayRetry() {
    boolean fits = budget.take();
    if (fits) {
      retried.increment();
    }
    return fits;
  }

  /** How many times something was sent again. */
  long retried() {
    return retried.sum();
  }

  /**
   * Takes a place among those in flight, if the message is not too long.
   *
   * @throws InvalidRequestException when it is too long. The service would say RESOURCE_EXHAUSTED,
   *     as when it is overloaded, so the mistake would look like an outage
   */
  void enter(MessageLite question) {
    int bytes = question.getSerializedSize();
    if (bytes > maxMessageBytes) {
      throw new InvalidRequestException(
          "message",
          "%s bytes are more than the service takes, %s; split the batch or shorten the attributes"
              .formatted(bytes, maxMessageBytes));
    }
    if (!inFlight.enter()) {
      throw new UnreachableException(
          Status.Code.RESOURCE_EXHAUSTED,
          "not asked: %s questions are in flight, the bound; raise maxInFlight or ask less at once"
              .formatted(inFlight.bound()));
    }
  }

  void leave() {
    inFlight.leave();
  }

  <Q extends MessageLite, R, T> T blocking(Call<Q, R, T> call) {
    return conclude(
        call,
        () -> {
          enter(call.question());
          try {
            return call.read().apply(isRepeated(call) ? await(call) : once(call));
          } finally {
            leave();
          }
        });
  }

  private <Q extends MessageLite, R> R once(Call<Q, R, ?> call) {
    try {
      return ClientCalls.blockingUnaryCall(channel, call.method(), options(call), call.question());
    } catch (StatusRuntimeException e) {
      throw LimiterException.of(e);
    }
  }

  private <Q extends MessageLite, R> R await(Call<Q, R, ?> call) {
    CompletableFuture<R> answer = repeat(call);
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw LimiterException.of(Objects.requireNonNullElse(e.getCause(), e));
    } catch (InterruptedException e) {
      answer.cancel(false);
      Thread.currentThread().interrupt();
      throw new UnreachableException(Status.Code.CANCELLED, "the thread was interrupted");
    }
  }

  private boolean isRepeated(Call<?, ?, ?> call) {
    return call.repeatable() && retries;
  }

  private <Q extends MessageLite, R> CompletableFuture<R> repeat(Call<Q, R, ?> call) {
    return repeat(call.method(), call.question(), call.deadline(), new Tried(), false);
  }

  /** Asks until there is an answer. Takes no place among those in flight. */
  private <Q extends MessageLite, R> CompletableFuture<R> repeat(
      MethodDescriptor<Q, R> method, Q question, Duration deadline, Tried tried, boolean failed) {
    CompletableFuture<R> answer = Attempts.start(this, method, question, deadline, tried, failed);
    var unused = answer.thenRun(budget::answered);
    return answer;
  }

  /**
   * Asks a question again that was asked on a stream.
   *
   * @param tried where the stream leads
   * @param failed whether that failed, so that nobody else may answer any more
   * @return null when the budget does not allow it
   */
  @Nullable CompletableFuture<CheckAndConsumeResponse> askElsewhere(
      CheckAndConsumeRequest question, Duration deadline, Tried tried, boolean failed) {
    if (!mayRetry()) {
      return null;
    }
    try {
      enter(question);
    } catch (LimiterException | IllegalStateException notAsked) {
      return CompletableFuture.failedFuture(notAsked);
    }
    CompletableFuture<CheckAndConsumeResponse> answer =
        repeat(RateLimiterGrpc.getCheckAndConsumeMethod(), question, deadline, tried, failed);
    var unused = answer.whenComplete((response, failure) -> leave());
    return answer;
  }

  <Q extends MessageLite, R, T> CompletableFuture<T> async(Call<Q, R, T> call) {
    CompletableFuture<T> result = new CompletableFuture<>();
    try {
      enter(call.question());
    } catch (LimiterException | IllegalStateException notAsked) {
      fail(result, call, notAsked);
      return result;
    }
    if (isRepeated(call)) {
      var unused =
          repeat(call)
              .whenComplete(
                  (answer, failure) -> {
                    leave();
                    if (failure == null) {
                      complete(result, call, () -> call.read().apply(answer));
                    } else {
                      fail(result, call, LimiterException.of(failure));
                    }
                  });
      return result;
    }
    ClientCalls.asyncUnaryCall(
        channel.newCall(call.method(), options(call)), call.question(), new Reply<>(call, result));
    return result;
  }

  private final class Reply<R, T> implements StreamObserver<R> {
    private final Call<?, R, T> call;
    private final CompletableFuture<T> result;
    private @Nullable R answer;

    Reply(Call<?, R, T> call, CompletableFuture<T> result) {
      this.call = call;
      this.result = result;
    }

    @Override
    public void onNext(R answer) {
      this.answer = answer;
    }

    @Override
    public void onError(Throwable failure) {
      leave();
      fail(result, call, LimiterException.of(failure));
    }

    @Override
    public void onCompleted() {
      leave();
      R answer = this.answer;
      if (answer == null) {
        fail(result, call, new UnreachableException(Status.Code.INTERNAL, "an empty reply"));
      } else {
        complete(result, call, () -> call.read().apply(answer));
      }
    }
  }

  private static <T> void fail(
      CompletableFuture<T> result, Call<?, ?, T> call, RuntimeException failure) {
    complete(
        result,
        call,
        () -> {
          throw failure;
        });
  }

  private static <T> void complete(
      CompletableFuture<T> result, Call<?, ?, T> call, Supplier<T> end) {
    T value;
    try {
      value = conclude(call, end);
    } catch (RuntimeException e) {
      result.completeExceptionally(e);
      return;
    }
    result.complete(value);
  }

  private static <T> T conclude(Call<?, ?, T> call, Supplier<T> end) {
    try {
      return end.get();
    } catch (UnreachableException e) {
      return call.unreachable().apply(e);
    }
  }

  private static CallOptions options(Call<?, ?, ?> call) {
    return CallOptions.DEFAULT.withDeadlineAfter(Wire.nanos(call.deadline()), TimeUnit.NANOSECONDS);
  }
}
