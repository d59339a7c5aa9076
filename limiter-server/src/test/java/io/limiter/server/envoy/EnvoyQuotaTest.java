package io.limiter.server.envoy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.limiter.server.decide.DescriptorRequest.Leniency;
import io.limiter.server.store.local.LocalCounterStore;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Which quotas of a request can deny it together. The time stands still. */
class EnvoyQuotaTest {
  private static final long NOW = 1_800_000_000_000_000L;
  private static final String FILE =
      """
      domain: d
      descriptors:
        - { key: q, quota_mode: true, rate_limit: { unit: year, requests_per_unit: 1 } }
        - key: both
          quota_mode: true
          shadow_mode: true
          rate_limit: { unit: year, requests_per_unit: 1, name: n }
        - { key: s, shadow_mode: true, rate_limit: { unit: year, requests_per_unit: 1 } }
        - { key: e, rate_limit: { unit: year, requests_per_unit: 1 } }
        - { key: u, rate_limit: { unlimited: true } }
        - { key: r, rate_limit: { unlimited: true, replaces: [{ name: n }] } }
      """;

  private static EnvoyAsked envoy(EnvoySettings settings) throws IOException {
    return EnvoyAsked.of(new LocalCounterStore(() -> NOW), settings, FILE);
  }

  private static void twice(EnvoySettings settings, String second, String... descriptors)
      throws IOException {
    try (EnvoyAsked envoy = envoy(settings)) {
      envoy.ask("d", descriptors);
      assertEquals(second, envoy.said("d", descriptors));
    }
  }

  @Test
  void aQuotaThatIsAShadow_isNeverUsedUp_soThatNoQuotaDenies() throws IOException {
    twice(EnvoySettings.DEFAULTS, "OVER_LIMIT: OVER_LIMIT(0)", "q=1");
    twice(EnvoySettings.DEFAULTS, "OK: OVER_LIMIT(0) OK(0)", "q=1", "both=1");
    twice(EnvoySettings.DEFAULTS, "OVER_LIMIT: OVER_LIMIT(0) OK(0)", "q=1", "s=1");
    twice(
        EnvoySettings.DEFAULTS.withChargeOnDeny(true), "OK: OVER_LIMIT(0) OK(0)", "q=1", "both=1");
  }

  @Test
  void aShadowThatIsReplaced_isNoQuota() throws IOException {
    twice(
        EnvoySettings.DEFAULTS,
        "OVER_LIMIT: OVER_LIMIT(0) OK OK[4294967295]",
        "q=1",
        "both=1",
        "r=1");
  }

  @Test
  void whereEverythingIsAQuota_whatHasNoLimitHasRoom() throws IOException {
    EnvoySettings quota = EnvoySettings.DEFAULTS.withLeniency(Leniency.QUOTA);
    twice(quota, "OVER_LIMIT: OVER_LIMIT(0)", "e=1");
    twice(quota, "OK: OVER_LIMIT(0) OK", "e=1", "unknown=1");
    twice(quota, "OK: OVER_LIMIT(0) OK(0)", "e=1", "s=1");
    twice(quota, "OVER_LIMIT: OVER_LIMIT(0) OK[4294967295]", "e=1", "u=1");
    twice(quota, "OK: OVER_LIMIT(0) OK OK[4294967295]", "e=1", "both=1", "r=1");
  }

  @Test
  void anEnforcedLimit_deniesBesideAnyQuota() throws IOException {
    twice(EnvoySettings.DEFAULTS, "OVER_LIMIT: OVER_LIMIT(0) OK(0)", "e=1", "both=1");
  }
}
