package io.limiter.server.envoy;

import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.server.api.Failures;
import io.limiter.server.api.ResponseCallback;
import io.limiter.server.decide.DescriptorVerdict;
import io.limiter.server.decide.Limiter;
import java.util.concurrent.CompletionStage;

/**
 * {@code envoy.service.ratelimit.v3.RateLimitService}, for whichever transport carries it. Safe to
 * call from any thread.
 */
public final class EnvoyApi {
  private final Limiter limiter;
  private final EnvoySettings settings;

  public EnvoyApi(Limiter limiter, EnvoySettings settings) {
    this.limiter = limiter;
    this.settings = settings;
  }

  /** Decides a request. Returns at once and never throws. */
  public void shouldRateLimit(RateLimitRequest wire, ResponseCallback<RateLimitResponse> callback) {
    CompletionStage<DescriptorVerdict> decision;
    try {
      decision = limiter.decide(EnvoyRequestReader.read(wire, settings));
    } catch (RuntimeException failure) {
      callback.onFailure(Failures.status(failure));
      return;
    }
    decision.whenComplete(
        (verdict, failure) -> {
          if (failure == null) {
            respond(wire, verdict, callback);
          } else {
            callback.onFailure(Failures.status(failure));
          }
        });
  }

  private void respond(
      RateLimitRequest wire,
      DescriptorVerdict verdict,
      ResponseCallback<RateLimitResponse> callback) {
    RateLimitResponse response;
    try {
      response = EnvoyResponseWriter.response(wire, verdict, settings);
    } catch (RuntimeException defect) {
      callback.onFailure(Failures.status(defect));
      return;
    }
    callback.onResponse(response);
  }
}
