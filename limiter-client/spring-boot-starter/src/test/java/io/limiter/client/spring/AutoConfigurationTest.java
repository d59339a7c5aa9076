package io.limiter.client.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.client.OnUnreachable;
import io.limiter.client.http.HttpLimit;
import io.limiter.client.spring.actuate.DecisionCounter;
import io.limiter.client.spring.actuate.LimiterClientMetrics;
import io.limiter.client.spring.actuate.LimiterHealthIndicator;
import io.limiter.client.spring.autoconfigure.LimiterClientProperties;
import io.limiter.client.spring.method.RateLimitedAdvisor;
import io.limiter.client.spring.web.DeniedExceptionHandler;
import io.limiter.client.spring.web.RateLimitInterceptor;
import io.limiter.client.spring.web.RateLimitRequestResolver;
import io.limiter.client.spring.web.RateLimitWebFilter;
import io.limiter.client.testing.FakeLimiter;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.ProblemDetail;
import org.springframework.util.ClassUtils;
import org.springframework.web.reactive.config.WebFluxConfigurer;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** An application gets what it has a use for, and what it brings itself stands. */
@Timeout(120)
class AutoConfigurationTest {
  private static final String[] LIMITED = {
    "limiter.client.domain=edge",
    "limiter.client.web.limits[0].paths=/api/**",
    "limiter.client.web.limits[0].attributes.ip=remote-address"
  };

  private final FakeLimiter fake = FakeLimiter.start();
  private final ApplicationContextRunner plain =
      new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(all()));
  private final WebApplicationContextRunner servlet =
      new WebApplicationContextRunner().withConfiguration(AutoConfigurations.of(all()));
  private final ReactiveWebApplicationContextRunner reactive =
      new ReactiveWebApplicationContextRunner().withConfiguration(AutoConfigurations.of(all()));

  @AfterEach
  void stop() {
    fake.close();
  }

  /** As Spring Boot finds them. */
  static Class<?>[] all() {
    try {
      String imports =
          new ClassPathResource(
                  "META-INF/spring/org.springframework.boot.autoconfigure.AutoConfiguration.imports",
                  LimiterClientProperties.class.getClassLoader())
              .getContentAsString(StandardCharsets.UTF_8);
      List<Class<?>> ours = new ArrayList<>();
      for (String name : imports.lines().toList()) {
        ours.add(ClassUtils.forName(name, null));
      }
      return ours.toArray(new Class<?>[0]);
    } catch (java.io.IOException | ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aPlainApplication_getsAClient_whichIsClosedWithIt() {
    List<LimiterClient> clients = new ArrayList<>();
    plain.run(
        context -> {
          assertThat(context)
              .hasSingleBean(LimiterClient.class)
              .hasSingleBean(RateLimitedAdvisor.class)
              .doesNotHaveBean(HttpLimit.class)
              .doesNotHaveBean(DeniedExceptionHandler.class)
              .doesNotHaveBean(RateLimitInterceptor.class)
              .doesNotHaveBean(RateLimitWebFilter.class);
          clients.add(context.getBean(LimiterClient.class));
        });
    IllegalStateException closed =
        assertThrows(
            IllegalStateException.class, () -> clients.get(0).check(CheckRequest.in("edge")));
    assertThat(closed).hasMessageContaining("closed");
  }

  @Test
  void properties_areTheDefaultsOfTheBuilder_andCanBeSet() {
    plain.run(
        context -> {
          LimiterClientProperties defaults = context.getBean(LimiterClientProperties.class);
          assertEquals(Duration.ofMillis(50), defaults.deadline());
          assertEquals(OnUnreachable.OPEN, defaults.onUnreachable());
          assertEquals(4096, defaults.maxInFlight());
          assertEquals(1 << 20, defaults.maxMessageSize().toBytes());
          assertEquals(Duration.ofSeconds(30), defaults.keepAlive());
        });
    // Port 1 answers nobody: the question fails at once, and the policy decides.
    plain
        .withPropertyValues(
            "limiter.client.target=127.0.0.1:1",
            "limiter.client.deadline=1m",
            "limiter.client.on-unreachable=closed",
            "limiter.client.await-ready=1ms",
            "limiter.client.tls.enabled=true",
            "limiter.client.tls.server-name=limiter")
        .run(
            context -> {
              Decision decision =
                  context.getBean(LimiterClient.class).check(CheckRequest.in("edge"));
              assertInstanceOf(Decision.Unreachable.class, decision);
              assertThat(decision.allowed()).isFalse();
            });
  }

  @Test
  void mistakesInProperties_areExplained() {
    assertThat(failure("limiter.client.target=nowhere")).contains("nowhere");
    assertThat(failure("limiter.client.deadline=0s")).contains("deadline PT0S is not positive");
    assertThat(failure("limiter.client.max-in-flight=0")).contains("maxInFlight 0 is below 1");
    assertThat(failure("limiter.client.deny-cache=2h"))
        .contains("denyCache PT2H is not within PT0.001S and PT1M");
    assertThat(failure("limiter.client.max-message-size=4GB"))
        .contains("limiter.client.max-message-size 4294967296B is not within 1B and 2147483647B");
    assertThat(failure("limiter.client.tls.enabled=true", "limiter.client.tls.private-key=key.pem"))
        .contains("certificate-chain or a private-key without the other; set both");
    String prefix = "limiter.client.web.limits[0].";
    assertThat(failure(prefix + "paths=/a")).contains(prefix + "domain is missing");
    assertThat(failure(prefix + "domain=edge")).contains(prefix + "paths is missing");
    assertThat(failure(prefix + "domain=edge", prefix + "paths=/{a"))
        .contains(prefix + "paths has \"/{a\", which is no pattern");
    assertThat(failure(prefix + "domain=edge", prefix + "paths=/a", prefix + "attributes.ip=ip"))
        .contains(
            prefix
                + "attributes.ip is \"ip\"; write remote-address, principal, method, path,"
                + " header:NAME or text:VALUE");
    assertThat(
            failure(
                prefix + "domain=edge",
                prefix + "paths=/a",
                "limiter.client.web.longest-delay=-1s"))
        .contains("longest delay PT-1S");
  }

  private String failure(String... properties) {
    StringBuilder messages = new StringBuilder();
    servlet
        .withPropertyValues(properties)
        .run(
            context -> {
              for (Throwable at = context.getStartupFailure(); at != null; at = at.getCause()) {
                messages.append(at.getMessage()).append('\n');
              }
            });
    return messages.toString();
  }

  @Test
  void aClientOfTheApplication_stands() {
    plain
        .withBean("mine", LimiterClient.class, fake::client)
        .run(
            context ->
                assertThat(context)
                    .hasSingleBean(LimiterClient.class)
                    .hasBean("mine")
                    .hasSingleBean(RateLimitedAdvisor.class));
  }

  @Test
  void ofTwoClients_noneIsMeant_andNothingGoesUnlimited() {
    servlet
        .withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class))
        .withBean("one", LimiterClient.class, fake::client)
        .withBean("two", LimiterClient.class, fake::client)
        .withPropertyValues("limiter.client.domain=edge")
        .withBean(RateLimitedTest.Plain.class)
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              RateLimitedTest.Plain plain = context.getBean(RateLimitedTest.Plain.class);
              assertThrows(NoUniqueBeanDefinitionException.class, () -> plain.say("a"));
            });
    servlet
        .withBean("one", LimiterClient.class, fake::client)
        .withBean("two", LimiterClient.class, fake::client)
        .withPropertyValues(LIMITED)
        .run(context -> assertThat(context).hasFailed());
  }

  @Test
  void aCustomizer_hasTheLastWord() {
    List<Decision> heard = new ArrayList<>();
    plain
        .withBean(
            LimiterClientBuilderCustomizer.class,
            () -> settings -> settings.onDecision(heard::add).onUnreachable(OnUnreachable.CLOSED))
        .withPropertyValues("limiter.client.target=127.0.0.1:1")
        .run(
            context -> {
              context.getBean(LimiterClient.class).check(CheckRequest.in("edge"));
              assertEquals(1, heard.size());
              assertThat(heard.get(0).allowed()).isFalse();
            });
  }

  @Test
  void disabled_nothingIsThere() {
    servlet
        .withPropertyValues(LIMITED)
        .withPropertyValues("limiter.client.enabled=false")
        .run(
            context ->
                assertThat(context)
                    .doesNotHaveBean(LimiterClient.class)
                    .doesNotHaveBean(RateLimitedAdvisor.class)
                    .doesNotHaveBean(DeniedExceptionHandler.class)
                    .doesNotHaveBean(RateLimitInterceptor.class)
                    .doesNotHaveBean(LimiterClientMetrics.class)
                    .doesNotHaveBean(LimiterHealthIndicator.class));
  }

  @Test
  void mvc_isLimited_ifThereIsSomethingToAsk() {
    servlet.run(
        context ->
            assertThat(context)
                .hasSingleBean(DeniedExceptionHandler.class)
                .doesNotHaveBean(RateLimitInterceptor.class)
                .doesNotHaveBean(RateLimitWebFilter.class));
    servlet
        .withPropertyValues(LIMITED)
        .run(
            context ->
                assertThat(context)
                    .hasSingleBean(RateLimitInterceptor.class)
                    .doesNotHaveBean(RateLimitWebFilter.class));
    servlet
        .withPropertyValues(LIMITED)
        .withPropertyValues("limiter.client.web.exception-handler=false")
        .withBean("mine", RateLimitRequestResolver.class, () -> http -> Optional.empty())
        .run(
            context ->
                assertThat(context)
                    .hasSingleBean(RateLimitInterceptor.class)
                    .hasSingleBean(RateLimitRequestResolver.class)
                    .hasBean("mine")
                    .doesNotHaveBean(DeniedExceptionHandler.class));
  }

  @Test
  void webFlux_isLimited_ifThereIsSomethingToAsk() {
    reactive.run(
        context ->
            assertThat(context)
                .hasSingleBean(DeniedExceptionHandler.class)
                .doesNotHaveBean(RateLimitWebFilter.class));
    reactive
        .withPropertyValues(LIMITED)
        .run(
            context ->
                assertThat(context)
                    .hasSingleBean(RateLimitWebFilter.class)
                    .doesNotHaveBean(RateLimitInterceptor.class));
  }

  @Test
  void whatTheClassPathHasNot_isNotConfigured() {
    servlet
        .withPropertyValues(LIMITED)
        .withClassLoader(
            new FilteredClassLoader(
                WebMvcConfigurer.class, MeterBinder.class, HealthIndicator.class))
        .run(
            context ->
                assertThat(context)
                    .hasSingleBean(LimiterClient.class)
                    .hasSingleBean(DeniedExceptionHandler.class)
                    .doesNotHaveBean(RateLimitInterceptor.class)
                    .doesNotHaveBean(DecisionCounter.class)
                    .doesNotHaveBean(LimiterHealthIndicator.class));
    reactive
        .withPropertyValues(LIMITED)
        .withClassLoader(new FilteredClassLoader(WebFluxConfigurer.class))
        .run(context -> assertThat(context).doesNotHaveBean(RateLimitWebFilter.class));
    plain
        .withClassLoader(
            new FilteredClassLoader(
                "org.springframework.web",
                "org.springframework.http",
                "org.springframework.boot.health",
                "io.micrometer",
                "jakarta.servlet",
                "reactor",
                "org.reactivestreams"))
        .run(
            context ->
                assertThat(context)
                    .hasNotFailed()
                    .hasSingleBean(LimiterClient.class)
                    .hasSingleBean(RateLimitedAdvisor.class));
    servlet
        .withClassLoader(new FilteredClassLoader(ProblemDetail.class))
        .run(context -> assertThat(context).doesNotHaveBean(DeniedExceptionHandler.class));
  }

  @Test
  void theHealthIndicator_canBeDisabled() {
    plain.run(context -> assertThat(context).hasSingleBean(LimiterHealthIndicator.class));
    plain
        .withPropertyValues("management.health.limiter.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(LimiterHealthIndicator.class));
  }
}
