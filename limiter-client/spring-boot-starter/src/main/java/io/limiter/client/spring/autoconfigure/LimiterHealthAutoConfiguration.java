package io.limiter.client.spring.autoconfigure;

import io.limiter.client.LimiterClient;
import io.limiter.client.spring.actuate.LimiterHealthIndicator;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/** Whether the service answers, for the health endpoint. */
@AutoConfiguration(after = LimiterClientAutoConfiguration.class)
@ConditionalOnLimiterEnabled
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnSingleCandidate(LimiterClient.class)
public final class LimiterHealthAutoConfiguration {

  /** Made by Spring. */
  public LimiterHealthAutoConfiguration() {}

  /** Under the name {@code limiter}. */
  @Bean
  @ConditionalOnMissingBean(name = "limiterHealthIndicator")
  @ConditionalOnEnabledHealthIndicator("limiter")
  LimiterHealthIndicator limiterHealthIndicator(
      LimiterClient limiter, LimiterClientProperties properties) {
    return new LimiterHealthIndicator(
        limiter, properties.onUnreachable(), properties.health().timeout());
  }
}
