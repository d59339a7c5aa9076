package io.limiter.server.grpc;

import com.google.rpc.Code;
import com.google.rpc.Status;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.envoy.service.RateLimitServiceGrpc;
import io.limiter.server.access.Asker;
import io.limiter.server.api.ResponseCallback;
import io.limiter.server.envoy.EnvoyApi;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Envoy's {@code envoy.service.ratelimit.v3.RateLimitService}: hands each call to the api. Returns
 * at once; the response leaves on the thread that completes it.
 *
 * <p>On any error Envoy goes by its own {@code failure_mode_deny}. UNAVAILABLE stands for every
 * question without a decision, whatever the reason. INVALID_ARGUMENT stands for one that is wrong
 * and stays wrong; its details name the fields. UNAUTHENTICATED and PERMISSION_DENIED stand for a
 * caller who may not ask.
 */
final class EnvoyService extends RateLimitServiceGrpc.RateLimitServiceImplBase {
  private static final Set<Integer> TOLD =
      Set.of(
          Code.INVALID_ARGUMENT_VALUE,
          Code.UNAVAILABLE_VALUE,
          Code.UNAUTHENTICATED_VALUE,
          Code.PERMISSION_DENIED_VALUE);

  private final EnvoyApi api;
  private final Supplier<Asker> who;

  /**
   * The service.
   *
   * @param who asks what is being asked on this thread
   */
  EnvoyService(EnvoyApi api, Supplier<Asker> who) {
    this.api = api;
    this.who = who;
  }

  @Override
  public void shouldRateLimit(RateLimitRequest wire, StreamObserver<RateLimitResponse> out) {
    api.shouldRateLimit(who.get(), wire, CallTime.waitNanos(), new Callback(out));
  }

  /** Answers a message that is too large to be read. */
  void tooLarge(ServerCall<?, RateLimitResponse> call, int bytes, int most) {
    api.tooLarge(
        bytes,
        most,
        new ResponseCallback<>() {
          @Override
          public void onResponse(RateLimitResponse response) {
            call.sendHeaders(new Metadata());
            call.sendMessage(response);
            call.close(io.grpc.Status.OK, new Metadata());
          }

          @Override
          public void onFailure(Status status) {
            MalformedMessages.reject(call, status);
          }
        });
  }

  private record Callback(StreamObserver<RateLimitResponse> out)
      implements ResponseCallback<RateLimitResponse> {
    @Override
    public void onResponse(RateLimitResponse response) {
      out.onNext(response);
      out.onCompleted();
    }

    @Override
    public void onFailure(Status status) {
      out.onError(exception(status));
    }
  }

  private static StatusRuntimeException exception(Status status) {
    return TOLD.contains(status.getCode())
        ? Ended.by(status)
        : Ended.by(status.toBuilder().setCode(Code.UNAVAILABLE_VALUE).build());
  }
}
