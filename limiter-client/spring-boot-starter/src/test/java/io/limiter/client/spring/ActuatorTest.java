package io.limiter.client.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.grpc.Status;
import io.limiter.client.CheckRequest;
import io.limiter.client.LimiterClient;
import io.limiter.client.OnUnreachable;
import io.limiter.client.spring.actuate.DecisionCounter;
import io.limiter.client.spring.actuate.LimiterClientMetrics;
import io.limiter.client.spring.actuate.LimiterHealthIndicator;
import io.limiter.client.testing.FakeLimiter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Meters count each decision under a bounded set of tags; health charges nobody. */
@Timeout(120)
class ActuatorTest {
  private static final CheckRequest QUESTION = CheckRequest.in("edge");

  private final FakeLimiter fake = FakeLimiter.start();

  @AfterEach
  void stop() {
    fake.close();
  }

  private static double count(MeterRegistry registry, String outcome, String source) {
    return registry
        .get("limiter.client.decisions")
        .tags("outcome", outcome, "source", source)
        .functionCounter()
        .count();
  }

  @Test
  void eachDecision_isCounted_underAKnownTag() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    DecisionCounter counter = new DecisionCounter();
    try (LimiterClient limiter =
        LimiterClient.over(fake.channel())
            .deadline(Duration.ofMinutes(1))
            .onDecision(counter)
            .build()) {
      new LimiterClientMetrics(limiter, counter).bindTo(registry);
      List<Meter> before = registry.getMeters();
      assertEquals(24, before.size());
      limiter.check(QUESTION);
      fake.deny(Duration.ofSeconds(1)).fail(Status.UNAVAILABLE);
      limiter.check(QUESTION);
      limiter.check(QUESTION);
      fake.fail(Status.INVALID_ARGUMENT);
      limiter.checkAll(List.of(QUESTION));
      assertEquals(1, count(registry, "admitted", "no_rule"));
      assertEquals(1, count(registry, "denied", "redis"));
      assertEquals(1, count(registry, "admitted", "client"));
      assertEquals(1, count(registry, "invalid", "client"));
      assertEquals(0, count(registry, "admitted", "redis"));
      assertEquals(1, registry.get("limiter.client.failed.open").functionCounter().count());
      assertEquals(0, registry.get("limiter.client.retried").functionCounter().count());
      assertEquals(0, registry.get("limiter.client.denied.near").functionCounter().count());
      assertEquals(24, registry.getMeters().size());
    }
  }

  @Test
  void theApplicationsRegistry_hasTheMeters_ofTheAutoConfiguredClient() {
    new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(MetricsAutoConfiguration.class))
        .withConfiguration(AutoConfigurations.of(AutoConfigurationTest.all()))
        .withBean(SimpleMeterRegistry.class)
        .withPropertyValues("limiter.client.target=127.0.0.1:1", "limiter.client.deadline=1m")
        .run(
            context -> {
              context.getBean(LimiterClient.class).check(QUESTION);
              MeterRegistry registry = context.getBean(MeterRegistry.class);
              assertEquals(1, count(registry, "admitted", "client"));
              assertEquals(1, registry.get("limiter.client.failed.open").functionCounter().count());
            });
  }

  private Health health(OnUnreachable policy) {
    return new LimiterHealthIndicator(fake.client(), policy, Duration.ofMinutes(1)).health();
  }

  @Test
  void aServiceThatAnswers_isUp_andNobodyIsCharged() {
    Health health = health(OnUnreachable.OPEN);
    assertEquals("UP", health.getStatus().getCode());
    assertEquals(Map.of("failedOpen", 0L, "retried", 0L), health.getDetails());
    assertEquals(List.of(), fake.asked());
  }

  @Test
  void aServiceThatIsAway_takesTheApplicationDown_onlyIfItIsClosed() {
    FakeLimiter away = FakeLimiter.start();
    away.close();
    try (LimiterClient limiter = LimiterClient.over(away.channel()).build()) {
      Duration timeout = Duration.ofMillis(1);
      Health open = new LimiterHealthIndicator(limiter, OnUnreachable.OPEN, timeout).health();
      assertEquals("UNKNOWN", open.getStatus().getCode());
      assertEquals("go ahead unchecked", open.getDetails().get("requests"));
      assertFalse(String.valueOf(open.getDetails().get("error")).isEmpty());
      Health closed = new LimiterHealthIndicator(limiter, OnUnreachable.CLOSED, timeout).health();
      assertEquals("DOWN", closed.getStatus().getCode());
    }
  }
}
