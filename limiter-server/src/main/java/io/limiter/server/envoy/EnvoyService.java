package io.limiter.server.envoy;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.envoy.service.RateLimitServiceGrpc;
import io.limiter.server.api.Failures;
import io.limiter.server.decide.DescriptorVerdict;
import io.limiter.server.decide.Limiter;
import java.util.concurrent.CompletionStage;

/**
 * Envoy's {@code envoy.service.ratelimit.v3.RateLimitService}. Returns at once; the answer goes out
 * on the thread that completes it.
 *
 * <p>On any error Envoy goes by its own {@code failure_mode_deny}. UNAVAILABLE stands for every
 * question without a decision, whatever the reason; INVALID_ARGUMENT for one that is wrong and
 * stays wrong, with the fields in its details.
 */
public final class EnvoyService extends RateLimitServiceGrpc.RateLimitServiceImplBase {
  private final Limiter limiter;
  private final EnvoySettings settings;

  public EnvoyService(Limiter limiter, EnvoySettings settings) {
    this.limiter = limiter;
    this.settings = settings;
  }

  @Override
  public void shouldRateLimit(RateLimitRequest wire, StreamObserver<RateLimitResponse> out) {
    CompletionStage<DescriptorVerdict> verdict;
    try {
      verdict = limiter.decide(EnvoyRequestReader.read(wire, settings.leniency()));
    } catch (RuntimeException failure) {
      out.onError(told(failure));
      return;
    }
    verdict
        .thenApply(decided -> EnvoyReply.of(wire, decided, settings))
        .whenComplete(
            (reply, failure) -> {
              if (failure == null) {
                out.onNext(reply);
                out.onCompleted();
              } else {
                out.onError(told(failure));
              }
            });
  }

  private static StatusRuntimeException told(Throwable failure) {
    StatusRuntimeException told = Failures.exception(failure);
    return switch (told.getStatus().getCode()) {
      case INVALID_ARGUMENT, UNAVAILABLE -> told;
      default ->
          Status.UNAVAILABLE
              .withDescription(told.getStatus().getDescription())
              .asRuntimeException();
    };
  }
}
