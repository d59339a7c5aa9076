package io.limiter.server.envoy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.server.store.redis.Patient;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.RedisSettings;
import io.limiter.server.store.redis.StoreListener;
import io.limiter.testing.TestRedis;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What Envoy is answered from a real Redis, and without it. */
class EnvoyRedisIT {
  private static final String DOMAIN = UUID.randomUUID().toString();
  private static final String RULES =
      """
      domain: %s
      descriptors:
        - { key: k, rate_limit: { unit: year, requests_per_unit: 4294967295 } }
      """
          .formatted(DOMAIN);

  @Test
  void redisAway_isUnavailable_andWhatIsNotLimitedPasses() throws Exception {
    RedisSettings settings;
    try (TestRedis gone = TestRedis.ownProcess()) {
      settings = Patient.settings(gone.uri());
    }
    try (RedisCounterStore store = RedisCounterStore.connect(settings, StoreListener.NONE);
        EnvoyAsked envoy = EnvoyAsked.of(store, EnvoySettings.DEFAULTS, RULES)) {
      StatusRuntimeException failed =
          assertThrows(StatusRuntimeException.class, () -> envoy.ask(DOMAIN, "k=v"));
      assertEquals(Status.Code.UNAVAILABLE, failed.getStatus().getCode());
      assertEquals("OK: OK", envoy.said(DOMAIN, "other=v"));
    }
  }

  /** A descriptor may ask for up to 2^52, and 100 may meet on one counter. */
  @Test
  void theMostHits_ofTheMostDescriptors_areDeniedAndGivenBack() throws Exception {
    RedisSettings settings = Patient.settings(TestRedis.shared().uri());
    String[] most = new String[EnvoyRequestReader.MAX_DESCRIPTORS];
    String[] back = new String[most.length];
    for (int i = 0; i < most.length; i++) {
      most[i] = "k=v *" + (1L << 52);
      back[i] = "k=v *-" + (1L << 52);
    }
    try (RedisCounterStore store = RedisCounterStore.connect(settings, StoreListener.NONE);
        EnvoyAsked envoy = EnvoyAsked.of(store, EnvoySettings.DEFAULTS, RULES)) {
      while (!store.connected()) {
        Thread.onSpinWait();
      }
      assertEquals("OK: OK(4294967290)", envoy.said(DOMAIN, "k=v *5"));
      assertEquals(
          "OVER_LIMIT:" + " OVER_LIMIT(4294967290)".repeat(most.length), envoy.said(DOMAIN, most));
      assertEquals(RateLimitResponse.Code.OK, envoy.ask(DOMAIN, back).getOverallCode());
      assertEquals("OK: OK(4294967295)", envoy.said(DOMAIN, "k=v *0"));
    }
  }
}
