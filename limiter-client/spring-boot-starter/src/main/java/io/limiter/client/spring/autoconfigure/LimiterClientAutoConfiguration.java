package io.limiter.client.spring.autoconfigure;

import io.limiter.client.LimiterClient;
import io.limiter.client.LimiterClientBuilder;
import io.limiter.client.LimiterException;
import io.limiter.client.spring.LimiterClientBuilderCustomizer;
import java.time.Duration;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.util.unit.DataSize;

/**
 * The client, of the properties {@code limiter.client}. A {@link LimiterClient} bean of the
 * application takes its place.
 */
@AutoConfiguration
@ConditionalOnLimiterEnabled
@EnableConfigurationProperties(LimiterClientProperties.class)
public final class LimiterClientAutoConfiguration {
  private static final Log LOG = LogFactory.getLog(LimiterClientAutoConfiguration.class);

  /** Made by Spring. */
  public LimiterClientAutoConfiguration() {}

  /** Closed with the application. */
  @Bean(destroyMethod = "close")
  @ConditionalOnMissingBean
  LimiterClient limiterClient(
      LimiterClientProperties properties,
      ObjectProvider<LimiterClientBuilderCustomizer> customizers) {
    LimiterClientBuilder settings =
        LimiterClient.to(properties.target())
            .deadline(properties.deadline())
            .onUnreachable(properties.onUnreachable())
            .retries(properties.retries())
            .randomKeys(properties.randomKeys())
            .maxInFlight(properties.maxInFlight())
            .maxMessageBytes(bytes(properties.maxMessageSize()))
            .keepAlive(properties.keepAlive());
    if (properties.tls().enabled()) {
      settings.tls(properties.tls().settings());
    }
    Duration denyCache = properties.denyCache();
    if (denyCache != null) {
      settings.denyCache(denyCache);
    }
    customizers.orderedStream().forEach(customizer -> customizer.customize(settings));
    LimiterClient client = settings.build();
    Duration awaitReady = properties.awaitReady();
    if (awaitReady != null && !awaitReady.isZero()) {
      try {
        client.awaitReady(awaitReady);
      } catch (LimiterException notReady) {
        LOG.warn("Starting without the rate-limit service: " + notReady.getMessage());
      }
    }
    return client;
  }

  private static int bytes(DataSize size) {
    if (size.toBytes() < 1 || size.toBytes() > Integer.MAX_VALUE) {
      throw new IllegalStateException(
          "limiter.client.max-message-size %s is not within 1B and %dB; write what the service takes"
              .formatted(size, Integer.MAX_VALUE));
    }
    return (int) size.toBytes();
  }
}
