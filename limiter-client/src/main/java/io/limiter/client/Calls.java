package io.limiter.client;

import com.google.protobuf.MessageLite;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.RefundRequest;
import io.limiter.v1.RefundResponse;
import io.limiter.v1.ResetRequest;
import io.limiter.v1.ResetResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Sends unary calls: each once, each with a deadline, never more than the bound at a time. */
final class Calls {
  private final Channel channel;
  private final InFlight inFlight;
  private final int maxMessageBytes;

  /**
   * One call and how its end is read.
   *
   * @param read the answer's meaning; may throw a {@link LimiterException}
   * @param unreachable what to say when there is no answer; may throw likewise
   */
  record Call<Q extends MessageLite, R, T>(
      MethodDescriptor<Q, R> method,
      Q question,
      Duration deadline,
      Function<R, T> read,
      Function<UnreachableException, T> unreachable) {}

  Calls(Channel channel, InFlight inFlight, int maxMessageBytes) {
    this.channel = channel;
    this.inFlight = inFlight;
    this.maxMessageBytes = maxMessageBytes;
  }

  Channel channel() {
    return channel;
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
    inFlight.enter();
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
            return call.read()
                .apply(
                    ClientCalls.blockingUnaryCall(
                        channel, call.method(), options(call), call.question()));
          } catch (StatusRuntimeException e) {
            throw LimiterException.of(e);
          } finally {
            leave();
          }
        });
  }

  <Q extends MessageLite, R, T> CompletableFuture<T> async(Call<Q, R, T> call) {
    CompletableFuture<T> result = new CompletableFuture<>();
    try {
      enter(call.question());
    } catch (LimiterException | IllegalStateException notAsked) {
      fail(result, call, notAsked);
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

  /** Nothing answers in the place of a service that does not: the call fails. */
  static Call<RefundRequest, RefundResponse, Boolean> refund(Receipt receipt, Duration deadline) {
    return new Call<>(
        RateLimiterGrpc.getRefundMethod(),
        RefundRequest.newBuilder().setReceipt(receipt.bytes()).build(),
        deadline,
        RefundResponse::getRefunded,
        cause -> {
          throw cause;
        });
  }

  /** Fails likewise. */
  static Call<ResetRequest, ResetResponse, Integer> reset(
      String domain, Map<String, String> attributes, List<String> rules, Duration deadline) {
    return new Call<>(
        RateLimiterGrpc.getResetMethod(),
        ResetRequest.newBuilder()
            .setDomain(domain)
            .putAllAttributes(attributes)
            .addAllRules(rules)
            .build(),
        deadline,
        ResetResponse::getCountersReset,
        cause -> {
          throw cause;
        });
  }
}
