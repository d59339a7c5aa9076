package io.limiter.client.spring.test;

import io.limiter.client.LimiterClient;
import io.limiter.client.LimiterClientBuilder;
import io.limiter.client.OnUnreachable;
import io.limiter.client.spring.LimiterClientBuilderCustomizer;
import io.limiter.client.testing.FakeLimiter;
import java.time.Duration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.Environment;

/** The fake, and a client of it that stands in for the application's. */
@Configuration(proxyBeanMethods = false)
final class FakeLimiterConfiguration {

  @Bean(destroyMethod = "close")
  FakeLimiter fakeLimiter() {
    return FakeLimiter.start();
  }

  /** As the application sets it, but for the target and the deadline. */
  @Bean(destroyMethod = "close")
  @Primary
  LimiterClient fakeLimiterClient(
      FakeLimiter fake,
      Environment environment,
      ObjectProvider<LimiterClientBuilderCustomizer> customizers) {
    LimiterClientBuilder settings =
        LimiterClient.over(fake.channel())
            .onUnreachable(
                environment.getProperty(
                    "limiter.client.on-unreachable", OnUnreachable.class, OnUnreachable.OPEN));
    customizers.orderedStream().forEach(customizer -> customizer.customize(settings));
    return settings.deadline(Duration.ofMinutes(1)).build();
  }
}
