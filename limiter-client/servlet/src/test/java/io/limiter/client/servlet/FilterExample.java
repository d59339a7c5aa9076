package io.limiter.client.servlet;

import io.limiter.client.CheckRequest;
import io.limiter.client.LimiterClient;
import java.util.Optional;

/** As docs/java-client.md shows it. */
final class FilterExample {
  private FilterExample() {}

  static RateLimitFilter filter(LimiterClient limiter) {
    RateLimitFilter filter =
        RateLimitFilter.builder(limiter)
            .request(
                http -> Optional.of(CheckRequest.in("edge").attribute("ip", http.getRemoteAddr())))
            .build();
    return filter;
  }
}
