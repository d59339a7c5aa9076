package io.limiter.client.spring.web;

import io.limiter.client.Decision;
import io.limiter.client.http.HttpDenial;
import io.limiter.client.http.HttpLimit;
import io.limiter.client.http.RateLimitHeaders;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.Optional;
import org.springframework.core.Ordered;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Asks before a request to WebFlux goes on, and answers one that is denied. Stands behind Spring
 * Security, so that it knows who is logged in. No thread waits. Thread-safe.
 */
public class RateLimitWebFilter implements WebFilter, Ordered {
  private final HttpLimit limit;
  private final ReactiveRateLimitRequestResolver resolver;
  private final boolean headersOnAdmitted;

  /**
   * Limits what a resolver says.
   *
   * @param headersOnAdmitted whether responses to admitted requests carry {@link RateLimitHeaders}
   */
  public RateLimitWebFilter(
      HttpLimit limit, ReactiveRateLimitRequestResolver resolver, boolean headersOnAdmitted) {
    this.limit = limit;
    this.resolver = resolver;
    this.headersOnAdmitted = headersOnAdmitted;
  }

  /** What is asked by properties. */
  public static ReactiveRateLimitRequestResolver resolver(PathLimits limits) {
    return exchange ->
        exchange
            .getPrincipal()
            .map(Principal::getName)
            .map(Optional::of)
            .defaultIfEmpty(Optional.empty())
            .flatMap(
                name ->
                    Mono.justOrEmpty(
                        limits.question(
                            new ExchangeFacts(exchange.getRequest(), name.orElse(null)))));
  }

  @Override
  public int getOrder() {
    return 0;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    return resolver
        .resolve(exchange)
        .flatMap(question -> Mono.fromFuture(() -> limit.askAsync(question)))
        .map(Optional::of)
        .defaultIfEmpty(Optional.empty())
        .flatMap(
            decision ->
                decision.isPresent() && !decision.get().allowed()
                    ? deny(exchange.getResponse(), HttpDenial.of(decision.get()))
                    : chain.filter(told(exchange, decision)));
  }

  private ServerWebExchange told(ServerWebExchange exchange, Optional<Decision> decision) {
    if (headersOnAdmitted && decision.isPresent()) {
      RateLimitHeaders.of(decision.get()).forEach(exchange.getResponse().getHeaders()::set);
    }
    return exchange;
  }

  private static Mono<Void> deny(ServerHttpResponse response, HttpDenial denial) {
    byte[] body = denial.json().getBytes(StandardCharsets.UTF_8);
    response.setStatusCode(HttpStatusCode.valueOf(denial.status()));
    denial.headers().forEach(response.getHeaders()::set);
    response.getHeaders().setContentType(MediaType.APPLICATION_PROBLEM_JSON);
    response.getHeaders().setContentLength(body.length);
    return response.writeWith(Mono.just(response.bufferFactory().wrap(body)));
  }
}
