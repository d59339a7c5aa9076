package io.limiter.server.envoy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.server.store.deny.DenyCache;
import io.limiter.server.store.local.LocalCounterStore;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Envoy is told of a remembered denial what the counters would say. */
class EnvoyDenyCacheTest {
  private static final String RULES =
      """
      domain: edge
      descriptors:
        - { key: user, rate_limit: { unit: minute, requests_per_unit: 5 } }
        - { key: path, value: "/a*", share_threshold: true, rate_limit: { unit: hour, requests_per_unit: 9 } }
      """;

  /** The start of an hour. */
  private static final long START_MICROS = 1_766_664_000_000_000L;

  private final AtomicLong nanos = new AtomicLong();
  private final LocalCounterStore counters =
      new LocalCounterStore(() -> START_MICROS + nanos.get() / 1_000);

  @Test
  void aDenialSaidAgain_isTheAnswerOfTheCounters_tillHitsAreGivenBack() throws Exception {
    DenyCache cache = new DenyCache(counters, Duration.ofMinutes(1), nanos::get);
    String[] question = {"user=u *3", "path=/ab *3", "path=/ac *4"};
    try (EnvoyAsked remembered = EnvoyAsked.of(cache, EnvoySettings.DEFAULTS, RULES);
        EnvoyAsked plain = EnvoyAsked.of(counters, EnvoySettings.DEFAULTS, RULES)) {
      assertEquals("OK: OK(0)", remembered.said("edge", "user=u *5"));
      assertEquals("OK: OK(4)", remembered.said("edge", "path=/ad *5"));
      RateLimitResponse first = remembered.ask("edge", question);
      assertEquals(RateLimitResponse.Code.OVER_LIMIT, first.getOverallCode());
      assertEquals(1, cache.size());
      // Times are in whole seconds: half a second hides the thousandth.
      nanos.set(29_500_000_000L);
      RateLimitResponse again = remembered.ask("edge", question);
      assertEquals(plain.ask("edge", question), again);
      assertEquals(31, again.getStatuses(0).getDurationUntilReset().getSeconds());
      remembered.ask("edge", "user=u *-5", "path=/az *-5");
      assertEquals(RateLimitResponse.Code.OK, remembered.ask("edge", question).getOverallCode());
    }
  }
}
