package io.limiter.server.envoy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.server.store.redis.Patient;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.StoreListener;
import io.limiter.testing.Await;
import io.limiter.testing.TestRedis;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RuleStatus;
import java.io.IOException;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A limit on what is held at the same time, of which Envoy and others take. */
class EnvoyConcurrencyIT {
  private final String domain = "d" + UUID.randomUUID();

  private String ask(EnvoyAsked envoy, boolean givesBack) {
    return EnvoyAsked.said(
        envoy.ask(
            RateLimitRequest.newBuilder()
                .setDomain(domain)
                .addDescriptors(EnvoyAsked.descriptor("user=a").setIsNegativeHits(givesBack))
                .build()));
  }

  private String askOtherwise(EnvoyAsked envoy) {
    CheckAndConsumeResponse answer =
        envoy
            .limiter()
            .checkAndConsume(
                CheckAndConsumeRequest.newBuilder()
                    .setDomain(domain)
                    .putAttributes("user", "a")
                    .build());
    RuleStatus status = answer.getStatuses(0);
    return "%s, %d left, %d held"
        .formatted(
            answer.getAllowed() ? "ADMITTED" : "DENIED", status.getRemaining(), status.getHeld());
  }

  @Test
  void whatEnvoyTook_isHeldAgainstOthers_untilItIsGivenBack() throws IOException {
    String rules =
        """
        domain: %s
        rules:
          - { name: jobs, key: [user], algorithm: concurrency, limit: 3, hold: 1h }
        """
            .formatted(domain);
    try (RedisCounterStore store =
            RedisCounterStore.connect(
                Patient.settings(TestRedis.shared().uri()), StoreListener.NONE);
        EnvoyAsked envoy = EnvoyAsked.of(store, EnvoySettings.DEFAULTS, rules)) {
      Await.until(store::connected);
      assertEquals("OK: OK(2)", ask(envoy, false));
      assertEquals("OK: OK(1)", ask(envoy, false));
      assertEquals("ADMITTED, 0 left, 3 held", askOtherwise(envoy));
      assertEquals("DENIED, 0 left, 3 held", askOtherwise(envoy));
      assertEquals("OVER_LIMIT: OVER_LIMIT(0)", ask(envoy, false));
      assertEquals("OK: OK(1)", ask(envoy, true));
      assertEquals("ADMITTED, 0 left, 3 held", askOtherwise(envoy));
      assertEquals("OVER_LIMIT: OVER_LIMIT(0)", ask(envoy, false));
    }
  }
}
