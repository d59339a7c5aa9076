package io.limiter.client.spring.autoconfigure;

import io.limiter.client.http.HttpLimit;
import io.limiter.client.spring.web.RateLimitWebFilter;
import io.limiter.client.spring.web.ReactiveRateLimitRequestResolver;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.web.reactive.config.WebFluxConfigurer;
import reactor.core.publisher.Mono;

/** Limits on requests to WebFlux. */
@AutoConfiguration(after = LimiterWebAutoConfiguration.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
@ConditionalOnClass({Mono.class, WebFluxConfigurer.class})
@ConditionalOnBean(HttpLimit.class)
public final class LimiterWebFluxAutoConfiguration {

  /** Made by Spring. */
  public LimiterWebFluxAutoConfiguration() {}

  /** Of the properties. */
  @Bean
  @ConditionalOnMissingBean
  @Conditional(OnPathLimits.class)
  ReactiveRateLimitRequestResolver reactiveRateLimitRequestResolver(
      LimiterClientProperties client, LimiterWebProperties web) {
    return RateLimitWebFilter.resolver(web.pathLimits(client.domain()));
  }

  /** Asks before handlers. */
  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnBean(ReactiveRateLimitRequestResolver.class)
  RateLimitWebFilter rateLimitWebFilter(
      HttpLimit limit, ReactiveRateLimitRequestResolver resolver, LimiterWebProperties web) {
    return new RateLimitWebFilter(limit, resolver, web.headers());
  }
}
