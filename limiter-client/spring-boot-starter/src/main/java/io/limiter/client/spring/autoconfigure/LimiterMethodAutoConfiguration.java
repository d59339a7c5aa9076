package io.limiter.client.spring.autoconfigure;

import io.limiter.client.LimiterClient;
import io.limiter.client.spring.method.RateLimitedAdvisor;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;
import org.springframework.util.function.SingletonSupplier;

/** Limits on methods, by {@link io.limiter.client.spring.RateLimited}. */
@AutoConfiguration(after = {LimiterClientAutoConfiguration.class, AopAutoConfiguration.class})
@ConditionalOnLimiterEnabled
@ConditionalOnBean(LimiterClient.class)
public final class LimiterMethodAutoConfiguration {

  /** Made by Spring. */
  public LimiterMethodAutoConfiguration() {}

  /**
   * Needed before other beans are made, so it needs none itself: the domain is read from the
   * environment, and the client is looked for at the first call.
   */
  @Bean
  @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
  @ConditionalOnMissingBean
  static RateLimitedAdvisor rateLimitedAdvisor(
      ConfigurableListableBeanFactory beans,
      Environment environment,
      ObjectProvider<LimiterClient> limiter) {
    return new RateLimitedAdvisor(
        beans,
        () -> environment.getProperty("limiter.client.domain", ""),
        SingletonSupplier.of(limiter::getObject));
  }
}
