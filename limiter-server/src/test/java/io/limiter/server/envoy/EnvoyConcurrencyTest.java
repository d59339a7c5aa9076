package io.limiter.server.envoy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.server.store.local.LocalCounterStore;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** A limit on what is held at the same time, asked as Envoy asks. The time stands still. */
class EnvoyConcurrencyTest {
  private static final String FILE =
      """
      domain: d
      rules:
        - { name: jobs, key: [user], algorithm: concurrency, limit: 2, hold: 1m }
      """;

  private static String ask(EnvoyAsked envoy, boolean givesBack) {
    RateLimitResponse response =
        envoy.ask(
            RateLimitRequest.newBuilder()
                .setDomain("d")
                .addDescriptors(EnvoyAsked.descriptor("user=a").setIsNegativeHits(givesBack))
                .build());
    return EnvoyAsked.said(response);
  }

  @Test
  void aRequestHolds_andNegativeHitsGiveBack() throws IOException {
    LocalCounterStore store = new LocalCounterStore(() -> 1_800_000_000_000_000L);
    try (EnvoyAsked envoy = EnvoyAsked.of(store, EnvoySettings.DEFAULTS, FILE)) {
      assertEquals("OK: OK(1)", ask(envoy, false));
      assertEquals("OK: OK(0)", ask(envoy, false));
      assertEquals("OVER_LIMIT: OVER_LIMIT(0)", ask(envoy, false));
      assertEquals("OK: OK(1)", ask(envoy, true));
      assertEquals("OK: OK(0)", ask(envoy, false));
      assertEquals("OVER_LIMIT: OVER_LIMIT(0)", ask(envoy, false));
    }
  }
}
