package io.limiter.server.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** A stream of a caller that the service has begun, since it has answered on it. */
final class CallerStream extends ClientCall.Listener<CheckAndConsumeResponse> {
  final ClientCall<CheckAndConsumeRequest, CheckAndConsumeResponse> call;
  private final CompletableFuture<CheckAndConsumeResponse> answer = new CompletableFuture<>();
  final CompletableFuture<Status> end = new CompletableFuture<>();

  private CallerStream(ManagedChannel channel, String caller) {
    call = channel.newCall(RateLimiterGrpc.getCheckAndConsumeStreamMethod(), CallOptions.DEFAULT);
    call.start(this, BoundedService.token(caller));
    call.request(10);
    call.sendMessage(BoundedService.question(UUID.randomUUID().toString()));
  }

  @Override
  public void onMessage(CheckAndConsumeResponse response) {
    answer.complete(response);
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    end.complete(status);
    answer.completeExceptionally(status.asRuntimeException(trailers));
  }

  /** Opens one. Fails as the call does if it is refused. */
  static CallerStream open(ManagedChannel channel, String caller) {
    CallerStream stream = new CallerStream(channel, caller);
    try {
      var unused = stream.answer.join();
    } catch (java.util.concurrent.CompletionException refused) {
      throw (StatusRuntimeException) refused.getCause();
    }
    return stream;
  }

  /** Opens one of greedy, once there is room: the end of another is known a moment later. */
  static CallerStream awaitOpen(ManagedChannel channel, int most) {
    while (true) {
      try {
        return open(channel, "greedy");
      } catch (StatusRuntimeException notYet) {
        assertTooMany(notYet, most);
        assertFalse(Thread.currentThread().isInterrupted(), "no place becomes free");
      }
    }
  }

  Status complete() {
    call.halfClose();
    return end.join();
  }

  void cancel() {
    call.cancel("the test's", null);
  }

  /** The refusal of what greedy asks beyond so many calls. */
  static void assertTooMany(StatusRuntimeException refused, int most) {
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getStatus().getCode(), refused::toString);
    assertEquals(
        ("caller greedy has %d calls and requests under way at this instance, as many as it may"
                + " (streams); wait until one ends, or have its bounds raised")
            .formatted(most),
        refused.getStatus().getDescription());
  }
}
