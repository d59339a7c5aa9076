package io.limiter.client.spring.autoconfigure;

import io.limiter.client.LimiterClient;
import io.limiter.client.spring.LimiterClientBuilderCustomizer;
import io.limiter.client.spring.actuate.DecisionCounter;
import io.limiter.client.spring.actuate.LimiterClientMetrics;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;

/** Meters, bound to whichever registries the application has. */
@AutoConfiguration(after = LimiterClientAutoConfiguration.class)
@ConditionalOnLimiterEnabled
@ConditionalOnClass(MeterBinder.class)
@ConditionalOnSingleCandidate(LimiterClient.class)
public final class LimiterMetricsAutoConfiguration {

  /** Made by Spring. */
  public LimiterMetricsAutoConfiguration() {}

  /** Knows neither client nor registry: each may be made before the other. */
  @Bean
  @ConditionalOnMissingBean
  DecisionCounter limiterDecisionCounter() {
    return new DecisionCounter();
  }

  /** Has the client tell of its decisions; an application's own customizer may change it. */
  @Bean
  @Order(0)
  LimiterClientBuilderCustomizer limiterDecisionCounterCustomizer(DecisionCounter counter) {
    return settings -> settings.onDecision(counter);
  }

  /** The meters. */
  @Bean
  @ConditionalOnMissingBean
  LimiterClientMetrics limiterClientMetrics(LimiterClient limiter, DecisionCounter counter) {
    return new LimiterClientMetrics(limiter, counter);
  }
}
