package io.limiter.server.http;

import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.Timeout;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.TimeUnit;

/** How long callers wait for an answer. */
final class Patience {
  private Patience() {}

  static long of(Exchange call) {
    return of(call.request());
  }

  /**
   * How long an answer is of use: by {@code grpc-timeout}, or by what Envoy says of the request
   * that it asks for.
   */
  static long of(HttpServerRequest request) {
    String grpc = request.getHeader("grpc-timeout");
    if (grpc != null) {
      long nanos = Timeout.nanos(grpc);
      return nanos == Long.MAX_VALUE ? RateLimiterApi.ANY_WAIT : Timeout.waitNanos(nanos);
    }
    String envoy = request.getHeader("x-envoy-expected-rq-timeout-ms");
    if (envoy != null && envoy.matches("[0-9]{1,9}")) {
      return Timeout.waitNanos(TimeUnit.MILLISECONDS.toNanos(Long.parseLong(envoy)));
    }
    return RateLimiterApi.ANY_WAIT;
  }
}
