package io.limiter.client.spring.autoconfigure;

import io.limiter.client.http.HttpLimit;
import io.limiter.client.spring.web.RateLimitInterceptor;
import io.limiter.client.spring.web.RateLimitRequestResolver;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Limits on requests to Spring MVC. */
@AutoConfiguration(after = LimiterWebAutoConfiguration.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass({HttpServletRequest.class, WebMvcConfigurer.class})
@ConditionalOnBean(HttpLimit.class)
public final class LimiterWebMvcAutoConfiguration {

  /** Made by Spring. */
  public LimiterWebMvcAutoConfiguration() {}

  /** Of the properties. */
  @Bean
  @ConditionalOnMissingBean
  @Conditional(OnPathLimits.class)
  RateLimitRequestResolver rateLimitRequestResolver(
      LimiterClientProperties client, LimiterWebProperties web) {
    return RateLimitInterceptor.resolver(web.pathLimits(client.domain()));
  }

  /** Asks before handlers. */
  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnBean(RateLimitRequestResolver.class)
  RateLimitInterceptor rateLimitInterceptor(
      HttpLimit limit, RateLimitRequestResolver resolver, LimiterWebProperties web) {
    return new RateLimitInterceptor(limit, resolver, web.headers());
  }

  /** Puts it before all handlers. */
  @Bean
  WebMvcConfigurer rateLimitWebMvcConfigurer(ObjectProvider<RateLimitInterceptor> interceptor) {
    return new WebMvcConfigurer() {
      @Override
      public void addInterceptors(InterceptorRegistry registry) {
        interceptor.ifAvailable(registry::addInterceptor);
      }
    };
  }
}
