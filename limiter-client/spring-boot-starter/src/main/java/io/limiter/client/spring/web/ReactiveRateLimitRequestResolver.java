package io.limiter.client.spring.web;

import io.limiter.client.CheckRequest;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Says what to ask about a request to WebFlux. Declare a bean of it in place of the properties
 * {@code limiter.client.web.limits}. Has to be thread-safe and must not block.
 */
@FunctionalInterface
public interface ReactiveRateLimitRequestResolver {

  /** What to ask; empty if the request is not limited. */
  Mono<CheckRequest> resolve(ServerWebExchange exchange);
}
