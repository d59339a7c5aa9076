package io.limiter.client.spring;

import io.limiter.client.LimiterClientBuilder;

/**
 * Changes the settings of the auto-configured client, after the properties {@code limiter.client}
 * were applied. Declare a bean of it; several are called in their order.
 */
@FunctionalInterface
public interface LimiterClientBuilderCustomizer {

  /** Changes them. */
  void customize(LimiterClientBuilder settings);
}
