package io.limiter.client.spring.web;

import io.limiter.client.CheckRequest;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;

/**
 * Says what to ask about a request to Spring MVC. Declare a bean of it in place of the properties
 * {@code limiter.client.web.limits}. Has to be thread-safe.
 *
 * <pre>{@code
 * @Bean
 * RateLimitRequestResolver limits() {
 *   return http -> Optional.of(CheckRequest.in("edge").attribute("ip", http.getRemoteAddr()));
 * }
 * }</pre>
 */
@FunctionalInterface
public interface RateLimitRequestResolver {

  /** What to ask; empty if the request is not limited. */
  Optional<CheckRequest> resolve(HttpServletRequest request);
}
