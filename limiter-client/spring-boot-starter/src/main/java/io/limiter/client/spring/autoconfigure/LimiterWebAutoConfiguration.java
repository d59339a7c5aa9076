package io.limiter.client.spring.autoconfigure;

import io.limiter.client.LimiterClient;
import io.limiter.client.http.HttpLimit;
import io.limiter.client.spring.web.DeniedExceptionHandler;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.http.ProblemDetail;

/** What Spring MVC and WebFlux have in common. */
@AutoConfiguration(after = LimiterClientAutoConfiguration.class)
@ConditionalOnLimiterEnabled
@ConditionalOnWebApplication
@ConditionalOnClass(ProblemDetail.class)
@ConditionalOnBean(LimiterClient.class)
@EnableConfigurationProperties(LimiterWebProperties.class)
public final class LimiterWebAutoConfiguration {

  /** Made by Spring. */
  public LimiterWebAutoConfiguration() {}

  /** Answers denials. */
  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnBooleanProperty(
      name = "limiter.client.web.exception-handler",
      matchIfMissing = true)
  DeniedExceptionHandler deniedExceptionHandler() {
    return new DeniedExceptionHandler();
  }

  /** Asks about requests. Needs a single client, but only if there is something to ask. */
  @Bean
  @Lazy
  @ConditionalOnMissingBean
  HttpLimit httpLimit(LimiterClient limiter, LimiterWebProperties properties) {
    return new HttpLimit(limiter, properties.longestDelay());
  }
}
