package io.limiter.client.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.limiter.client.CheckRequest;
import io.limiter.client.LimiterClient;
import io.limiter.client.spring.web.ReactiveRateLimitRequestResolver;
import io.limiter.client.testing.FakeLimiter;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.http.codec.autoconfigure.CodecsAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.webflux.autoconfigure.HttpHandlerAutoConfiguration;
import org.springframework.boot.webflux.autoconfigure.WebFluxAutoConfiguration;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/** Requests to WebFlux, limited by paths, by a resolver and by annotations. */
@Timeout(120)
class WebFluxLimitsTest {
  private final FakeLimiter fake = FakeLimiter.start();
  private final ReactiveWebApplicationContextRunner runner =
      new ReactiveWebApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  AopAutoConfiguration.class,
                  JacksonAutoConfiguration.class,
                  CodecsAutoConfiguration.class,
                  HttpHandlerAutoConfiguration.class,
                  WebFluxAutoConfiguration.class))
          .withConfiguration(AutoConfigurations.of(AutoConfigurationTest.all()))
          .withBean(LimiterClient.class, fake::client)
          .withBean(Api.class)
          .withPropertyValues(
              "limiter.client.domain=edge",
              "limiter.client.web.limits[0].paths=/api/**",
              "limiter.client.web.limits[0].attributes.key=header:X-Api-Key",
              "limiter.client.web.limits[0].attributes.user=principal",
              "limiter.client.web.limits[0].attributes.path=path");

  @AfterEach
  void stop() {
    fake.close();
  }

  @RestController
  static class Api {
    @GetMapping({"/api/a", "/other"})
    Mono<String> served() {
      return Mono.just("served");
    }

    @GetMapping("/annotated/{user}")
    @RateLimited("user=#user")
    Mono<String> annotated(@PathVariable String user) {
      return Mono.just("of " + user);
    }
  }

  private void test(ReactiveWebApplicationContextRunner runner, Consumer<WebTestClient> test) {
    runner.run(context -> test.accept(WebTestClient.bindToApplicationContext(context).build()));
  }

  @Test
  void aPathThatIsLimited_isAskedAbout_once() {
    fake.limit("per-key", 1, Duration.ofMinutes(1), "key");
    test(
        runner,
        browser -> {
          browser
              .get()
              .uri("/api/a")
              .header("X-Api-Key", "k1")
              .exchange()
              .expectStatus()
              .isOk()
              .expectHeader()
              .valueEquals("RateLimit", "\"per-key\";r=0;t=60")
              .expectBody(String.class)
              .isEqualTo("served");
          assertEquals(1, fake.asked().size());
          assertEquals(
              Map.of("key", "k1", "user", "", "path", "/api/a"), fake.asked().get(0).attributes());
          browser
              .get()
              .uri("/api/a")
              .header("X-Api-Key", "k1")
              .exchange()
              .expectStatus()
              .isEqualTo(429)
              .expectHeader()
              .valueEquals("Retry-After", "60")
              .expectHeader()
              .valueEquals("Content-Type", "application/problem+json")
              .expectBody()
              .jsonPath("$['violated-policies'][0]")
              .isEqualTo("per-key");
          browser.get().uri("/other").exchange().expectStatus().isOk();
          assertEquals(2, fake.asked().size());
        });
  }

  @Test
  void anAnnotatedController_isDeniedAlike() {
    test(
        runner,
        browser -> {
          browser.get().uri("/annotated/bob").exchange().expectStatus().isOk();
          fake.deny(Duration.ofSeconds(2));
          browser
              .get()
              .uri("/annotated/bob")
              .exchange()
              .expectStatus()
              .isEqualTo(429)
              .expectHeader()
              .valueEquals("Retry-After", "2")
              .expectBody()
              .jsonPath("$['violated-policies'][0]")
              .isEqualTo("scripted");
        });
  }

  @Test
  void aResolverOfTheApplication_takesThePlaceOfPaths() {
    test(
        runner.withBean(
            ReactiveRateLimitRequestResolver.class,
            () ->
                exchange ->
                    exchange.getRequest().getPath().value().equals("/other")
                        ? Mono.just(CheckRequest.in("mine"))
                        : Mono.empty()),
        browser -> {
          browser.get().uri("/api/a").exchange().expectStatus().isOk();
          browser.get().uri("/other").exchange().expectStatus().isOk();
          assertEquals(1, fake.asked().size());
          assertEquals("mine", fake.asked().get(0).domain());
        });
  }

  @Test
  void headersOnAdmitted_canBeLeftOut() {
    test(
        runner.withPropertyValues("limiter.client.web.headers=false"),
        browser -> {
          fake.limit("per-key", 9, Duration.ofMinutes(1));
          browser
              .get()
              .uri("/api/a")
              .exchange()
              .expectStatus()
              .isOk()
              .expectHeader()
              .doesNotExist("RateLimit");
        });
  }
}
