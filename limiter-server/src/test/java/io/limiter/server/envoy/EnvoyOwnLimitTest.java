package io.limiter.server.envoy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.UInt32Value;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.StatusRuntimeException;
import io.limiter.envoy.descriptor.RateLimitDescriptor.RateLimitOverride;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.envoy.type.RateLimitUnit;
import io.limiter.server.store.local.LocalCounterStore;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Limits that come with a request, and windows of several units. */
class EnvoyOwnLimitTest {
  private static final long NOW = 1_800_000_000_000_000L + 1_500_000L;
  private static final String FILE =
      """
      domain: d
      descriptors:
        - key: five
          rate_limit: { name: m, unit: minute, unit_multiplier: 5, requests_per_unit: 3 }
        - { key: one, rate_limit: { unit: minute, unit_multiplier: 1, requests_per_unit: 3 } }
      """;

  private static EnvoyAsked envoy(EnvoySettings settings) throws IOException {
    return EnvoyAsked.of(new LocalCounterStore(() -> NOW), settings, FILE);
  }

  private static RateLimitRequest asking(RateLimitOverride.Builder limit) {
    return RateLimitRequest.newBuilder()
        .setDomain("d")
        .addDescriptors(EnvoyAsked.descriptor("k=v").setLimit(limit))
        .build();
  }

  private static RateLimitOverride.Builder limit(RateLimitUnit unit) {
    return RateLimitOverride.newBuilder().setRequestsPerUnit(3).setUnit(unit);
  }

  @ParameterizedTest
  @CsvSource({
    "SECOND, 1, 1",
    "SECOND, 30, 30",
    "MINUTE, 5, 300",
    "WEEK, 1, 604800",
    "WEEK, 2, 1209600",
    "DAY, 366, 31622400",
    "YEAR, 1, 31536000"
  })
  void aLimitThatComesWithTheRequest_hasItsWindow(RateLimitUnit unit, int multiplier, long window)
      throws IOException {
    RateLimitOverride.Builder limit = limit(unit).setUnitMultiplier(UInt32Value.of(multiplier));
    try (EnvoyAsked envoy = envoy(EnvoySettings.DEFAULTS)) {
      RateLimitResponse response = envoy.ask(asking(limit));
      RateLimitResponse.DescriptorStatus status = response.getStatuses(0);
      long left = window - Math.floorMod(NOW / 1_000_000, window);
      assertEquals(left, status.getDurationUntilReset().getSeconds());
      assertEquals(unit.name(), status.getCurrentLimit().getUnit().name());
      assertEquals(
          multiplier == 1 ? 0 : multiplier,
          status.getCurrentLimit().getUnitMultiplier().getValue());
      assertEquals("\"(own)\";q=3;w=" + window, response.getResponseHeadersToAdd(0).getValue());
    }
  }

  @Test
  void aMultiplierAsABareNumber_isReadToo() throws IOException {
    UnknownFieldSet bare =
        UnknownFieldSet.newBuilder()
            .addField(3, UnknownFieldSet.Field.newBuilder().addVarint(7).build())
            .build();
    RateLimitOverride.Builder limit = limit(RateLimitUnit.DAY).setUnknownFields(bare);
    try (EnvoyAsked envoy = envoy(EnvoySettings.DEFAULTS)) {
      RateLimitResponse response = envoy.ask(asking(limit));
      assertEquals(7, response.getStatuses(0).getCurrentLimit().getUnitMultiplier().getValue());
    }
  }

  @Test
  void windowsOfOtherLengths_countApart() throws IOException {
    try (EnvoyAsked envoy = envoy(EnvoySettings.DEFAULTS)) {
      RateLimitOverride.Builder two = limit(RateLimitUnit.DAY).setUnitMultiplier(UInt32Value.of(2));
      assertEquals("OK: OK(2)", EnvoyAsked.said(envoy.ask(asking(limit(RateLimitUnit.DAY)))));
      assertEquals("OK: OK(2)", EnvoyAsked.said(envoy.ask(asking(two))));
      assertEquals("OK: OK(1)", EnvoyAsked.said(envoy.ask(asking(two))));
    }
  }

  @ParameterizedTest
  @CsvSource({"YEAR, 2, 1", "WEEK, 53, 52", "SECOND, 0, 31622400", "SECOND, -1, 31622400"})
  void aWindowThatIsNone_isInvalid_andOneThatIsOfferedIsDecided(
      RateLimitUnit unit, int multiplier, int most) throws IOException {
    RateLimitOverride.Builder limit = limit(unit).setUnitMultiplier(UInt32Value.of(multiplier));
    try (EnvoyAsked envoy = envoy(EnvoySettings.DEFAULTS)) {
      StatusRuntimeException refused =
          assertThrows(StatusRuntimeException.class, () -> envoy.ask(asking(limit)));
      assertEquals("INVALID_ARGUMENT", refused.getStatus().getCode().name());
      String said = String.valueOf(refused.getStatus().getDescription());
      assertTrue(said.endsWith("; use 1 to %d for %s".formatted(most, unit)), said);
      for (int offered : most == 1 ? new int[] {1} : new int[] {1, most}) {
        limit.setUnitMultiplier(UInt32Value.of(offered));
        assertEquals("OK: OK(2)", EnvoyAsked.said(envoy.ask(asking(limit))));
      }
    }
  }

  @Test
  void aUnitThatIsNone_isInvalid_andEachThatIsOfferedIsDecided() throws IOException {
    try (EnvoyAsked envoy = envoy(EnvoySettings.DEFAULTS)) {
      RateLimitOverride.Builder none = limit(RateLimitUnit.UNKNOWN);
      StatusRuntimeException refused =
          assertThrows(StatusRuntimeException.class, () -> envoy.ask(asking(none)));
      String said = String.valueOf(refused.getStatus().getDescription());
      String offered = said.replaceFirst(".*; use ", "");
      for (String unit : offered.split(", | or ", -1)) {
        RateLimitOverride.Builder one = limit(RateLimitUnit.valueOf(unit));
        assertEquals("OK: OK(2)", EnvoyAsked.said(envoy.ask(asking(one))), unit);
      }
      assertEquals(7, offered.split(", | or ", -1).length, said);
    }
  }

  @Test
  void aConfiguredMultiplier_makesTheWindow_andIsToldOfOnlyIfItIsNotOne() throws IOException {
    try (EnvoyAsked envoy = envoy(EnvoySettings.DEFAULTS)) {
      RateLimitResponse five = envoy.ask("d", "five=x");
      assertEquals("\"m\";q=3;w=300", five.getResponseHeadersToAdd(0).getValue());
      assertEquals(5, five.getStatuses(0).getCurrentLimit().getUnitMultiplier().getValue());
      assertFalse(envoy.ask("d", "one=x").getStatuses(0).getCurrentLimit().hasUnitMultiplier());
    }
  }

  @Test
  void chargeOnDeny_isADefault_forFilesThatDoNotSay() throws IOException {
    for (boolean charge : new boolean[] {false, true}) {
      try (EnvoyAsked envoy = envoy(EnvoySettings.DEFAULTS.withChargeOnDeny(charge))) {
        envoy.ask("d", "five=x *4", "one=x");
        assertEquals(charge ? "OK: OK(1)" : "OK: OK(2)", envoy.said("d", "one=x"));
      }
    }
    String strict = FILE + "charge-on-deny: false\n";
    try (EnvoyAsked envoy =
        EnvoyAsked.of(
            new LocalCounterStore(() -> NOW),
            EnvoySettings.DEFAULTS.withChargeOnDeny(true),
            strict)) {
      envoy.ask("d", "five=x *4", "one=x");
      assertEquals("OK: OK(2)", envoy.said("d", "one=x"));
    }
  }
}
