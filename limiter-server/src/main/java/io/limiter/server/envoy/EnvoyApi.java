package io.limiter.server.envoy;

import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.server.access.Asker;
import io.limiter.server.access.Method;
import io.limiter.server.api.Failures;
import io.limiter.server.api.OwnBounds;
import io.limiter.server.api.ResponseCallback;
import io.limiter.server.api.Violations;
import io.limiter.server.decide.DescriptorRequest;
import io.limiter.server.decide.DescriptorVerdict;
import io.limiter.server.decide.Limiter;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code envoy.service.ratelimit.v3.RateLimitService}, for whichever transport carries it. Safe to
 * call from any thread.
 */
public final class EnvoyApi {
  private static final Logger log = LoggerFactory.getLogger(EnvoyApi.class);

  private final Limiter limiter;
  private final EnvoySettings settings;
  private final EnvoyListener listener;

  public EnvoyApi(Limiter limiter, EnvoySettings settings) {
    this(limiter, settings, EnvoyListener.NONE);
  }

  /**
   * The service.
   *
   * @param listener hears of what is too large
   */
  public EnvoyApi(Limiter limiter, EnvoySettings settings, EnvoyListener listener) {
    this.limiter = limiter;
    this.settings = settings;
    this.listener = listener;
  }

  /**
   * Decides a request. Returns at once and never throws.
   *
   * @param who asks
   * @param waitNanos how long an answer is of use to the caller, or {@link
   *     io.limiter.server.api.RateLimiterApi#ANY_WAIT}
   */
  public void shouldRateLimit(
      Asker who,
      RateLimitRequest wire,
      long waitNanos,
      ResponseCallback<RateLimitResponse> callback) {
    CompletionStage<DescriptorVerdict> decision;
    try {
      who.require(Method.CHECK, wire.getDomain());
      OwnBounds.take(who, Math.max(1, wire.getDescriptorsCount()), wire);
      decision =
          limiter.decide(EnvoyRequestReader.read(wire, settings, waitNanos, OwnBounds.owner(who)));
    } catch (TooLargeException refused) {
      answer(refused, callback);
      return;
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

  /**
   * Answers a message that is too large to be read. Returns at once and never throws.
   *
   * @param bytes its length, or what is known of it
   * @param most the most bytes that one may have
   */
  public void tooLarge(int bytes, int most, ResponseCallback<RateLimitResponse> callback) {
    answer(
        new TooLargeException(
            Bound.MESSAGE,
            "message",
            "is %d bytes long or more; use at most %d".formatted(bytes, most)),
        callback);
  }

  /** Nothing is denied where denials do not count. */
  private void answer(TooLargeException refused, ResponseCallback<RateLimitResponse> callback) {
    listener.tooLarge(refused.bound());
    log.warn(
        "A request of Envoy's protocol is too large, and is answered by --rls-too-large {}: {} {}",
        settings.tooLarge().name().toLowerCase(Locale.ROOT),
        refused.field(),
        refused.what());
    boolean denied =
        settings.tooLarge() == TooLarge.DENY
            && settings.leniency() != DescriptorRequest.Leniency.SHADOW;
    if (settings.tooLarge() == TooLarge.ERROR) {
      Violations violations = new Violations();
      violations.add(refused.field(), refused.what());
      callback.onFailure(Failures.status(violations.refusal()));
    } else {
      callback.onResponse(
          RateLimitResponse.newBuilder()
              .setOverallCode(
                  denied ? RateLimitResponse.Code.OVER_LIMIT : RateLimitResponse.Code.OK)
              .build());
    }
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
