package io.limiter.server.envoy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.limiter.envoy.descriptor.RateLimitDescriptor.RateLimitOverride;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.envoy.type.RateLimitUnit;
import io.limiter.server.decide.DescriptorRequest.Leniency;
import io.limiter.server.store.local.LocalCounterStore;
import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a configuration of Envoy's own rate-limit service means, rule by rule. The time stands still
 * 1.5 seconds into a minute.
 */
class EnvoyConformanceTest {
  private static final long NOW = 1_800_000_000_000_000L + 1_500_000L;

  private static EnvoyAsked envoy(String... files) throws IOException {
    return EnvoyAsked.of(new LocalCounterStore(() -> NOW), EnvoySettings.DEFAULTS, files);
  }

  private static EnvoyAsked envoy(Leniency leniency, String... files) throws IOException {
    EnvoySettings settings = EnvoySettings.DEFAULTS.withHeaders(Set.of()).withLeniency(leniency);
    return EnvoyAsked.of(new LocalCounterStore(() -> NOW), settings, files);
  }

  private static final String LEVELS =
      """
      domain: d
      descriptors:
        - { key: path, rate_limit: { unit: minute, requests_per_unit: 1 } }
        - { key: path, value: /a*, rate_limit: { unit: minute, requests_per_unit: 2 } }
        - { key: path, value: /ab*, rate_limit: { unit: minute, requests_per_unit: 3 } }
        - { key: path, value: /abc, rate_limit: { unit: minute, requests_per_unit: 4 } }
        - { key: path, value: /free }
      """;

  @Test
  void anExactValue_comesBeforeWildcards_andTheseBeforeTheBareKey() throws IOException {
    try (EnvoyAsked envoy = envoy(LEVELS)) {
      assertEquals("OK: OK(3)", envoy.said("d", "path=/abc"));
      assertEquals("OK: OK(1)", envoy.said("d", "path=/abd"));
      assertEquals("OK: OK(0)", envoy.said("d", "path=/x"));
    }
  }

  @Test
  void wildcards_areTriedInTheOrderOfTheFile() throws IOException {
    String swapped =
        """
        domain: d
        descriptors:
          - { key: path, value: /ab*, rate_limit: { unit: minute, requests_per_unit: 3 } }
          - { key: path, value: /a*, rate_limit: { unit: minute, requests_per_unit: 2 } }
        """;
    try (EnvoyAsked first = envoy(LEVELS);
        EnvoyAsked second = envoy(swapped)) {
      assertEquals("OK: OK(1)", first.said("d", "path=/abx"));
      assertEquals("OK: OK(2)", second.said("d", "path=/abx"));
    }
  }

  @Test
  void anExactNodeWithoutALimit_isAnAllowList_andBlocksTheFallBack() throws IOException {
    try (EnvoyAsked envoy = envoy(LEVELS)) {
      assertEquals("OK: OK", envoy.said("d", "path=/free"));
    }
  }

  @Test
  void keyAndValue_areJoined_soAKeyMayReachAnothersValue() throws IOException {
    String joined =
        """
        domain: d
        descriptors:
          - { key: a, value: b_c, rate_limit: { unit: minute, requests_per_unit: 5 } }
        """;
    try (EnvoyAsked envoy = envoy(joined)) {
      assertEquals("OK: OK(4)", envoy.said("d", "a_b=c"));
      assertEquals("OK: OK(4)", envoy.said("d", "a_b_c="));
    }
  }

  private static final String NESTED =
      """
      domain: d
      descriptors:
        - key: type
          value: mail
          rate_limit: { unit: minute, requests_per_unit: 9 }
          descriptors:
            - { key: to, rate_limit: { unit: minute, requests_per_unit: 2 } }
        - key: plan
          descriptors:
            - { key: user, value: "probe*", rate_limit: { unit: minute, requests_per_unit: 1 } }
      """;

  @Test
  void depth_mustMatchExactly() throws IOException {
    try (EnvoyAsked envoy = envoy(NESTED)) {
      assertEquals("OK: OK(8)", envoy.said("d", "type=mail"));
      assertEquals("OK: OK(1)", envoy.said("d", "type=mail to=1"));
      assertEquals("OK: OK", envoy.said("d", "type=mail to=1 more=x"));
      assertEquals("OK: OK", envoy.said("d", "to=1"));
      assertEquals("OK: OK", envoy.said("d", "plan=gold"));
      assertEquals("OK: OK(0)", envoy.said("d", "plan=gold user=probe-1"));
      assertEquals("OK: OK", envoy.said("d", "plan=gold user=alice"));
    }
  }

  @Test
  void aLimitWithoutAValue_countsEachValueApart() throws IOException {
    try (EnvoyAsked envoy = envoy(NESTED)) {
      assertEquals("OK: OK(1)", envoy.said("d", "type=mail to=1"));
      assertEquals("OK: OK(0)", envoy.said("d", "type=mail to=1"));
      assertEquals("OVER_LIMIT: OVER_LIMIT(0)", envoy.said("d", "type=mail to=1"));
      assertEquals("OK: OK(1)", envoy.said("d", "type=mail to=2"));
    }
  }

  @Test
  void shareThreshold_countsTheValuesOfAWildcardTogether() throws IOException {
    String shared =
        """
        domain: d
        descriptors:
          - key: file
            value: "f/*"
            share_threshold: true
            rate_limit: { unit: hour, requests_per_unit: 3 }
            descriptors:
              - { key: user, rate_limit: { unit: hour, requests_per_unit: 5 } }
          - { key: apart, value: "f/*", rate_limit: { unit: hour, requests_per_unit: 3 } }
        """;
    try (EnvoyAsked envoy = envoy(shared)) {
      assertEquals("OK: OK(2)", envoy.said("d", "file=f/a"));
      assertEquals("OK: OK(1)", envoy.said("d", "file=f/b"));
      assertEquals("OK: OK(2)", envoy.said("d", "apart=f/a"));
      assertEquals("OK: OK(2)", envoy.said("d", "apart=f/b"));
      assertEquals("OK: OK(4)", envoy.said("d", "file=f/a user=u"));
      assertEquals("OK: OK(3)", envoy.said("d", "file=f/b user=u"));
      assertEquals("OK: OK(4)", envoy.said("d", "file=f/b user=v"));
    }
  }

  @Test
  void shareThreshold_holdsForAnEntryThatSpellsTheWildcardOut() throws IOException {
    String shared =
        """
        domain: d
        descriptors:
          - key: file
            value: "f/*"
            share_threshold: true
            rate_limit: { unit: year, requests_per_unit: 3 }
        """;
    try (EnvoyAsked envoy = envoy(shared)) {
      assertEquals("OK: OK(2)", envoy.said("d", "file=f/a"));
      assertEquals("OK: OK(1)", envoy.said("d", "file=f/*"));
    }
  }

  private static final String REPLACES =
      """
      domain: d
      descriptors:
        - { key: a, rate_limit: { name: general, unit: minute, requests_per_unit: 1 } }
        - { key: b, rate_limit: { replaces: [{ name: general }], unit: minute, requests_per_unit: 5 } }
        - { key: c, rate_limit: { replaces: [{ name: general }], unlimited: true } }
      """;

  @Test
  void replaces_removesTheOtherLimitsOfThatName_inTheSameRequest() throws IOException {
    try (EnvoyAsked envoy = envoy(REPLACES)) {
      assertEquals("OK: OK OK(4)", envoy.said("d", "a=1", "b=1"));
      assertEquals("OK: OK OK(3)", envoy.said("d", "a=1", "b=1"));
      assertEquals("OK: OK(0)", envoy.said("d", "a=1"));
      assertEquals("OVER_LIMIT: OVER_LIMIT(0)", envoy.said("d", "a=1"));
      assertEquals("OK: OK[4294967295] OK", envoy.said("d", "c=1", "a=1"));
    }
  }

  @Test
  void unlimited_saysTheLargestNumber_andIsNeverCounted() throws IOException {
    try (EnvoyAsked envoy = envoy(REPLACES)) {
      assertEquals("OK: OK[4294967295]", envoy.said("d", "c=1 *4000000000"));
      assertEquals("OK: OK[4294967295]", envoy.said("d", "c=1 *4000000000"));
    }
  }

  @Test
  void whatIsUnknown_isOkWithoutALimit() throws IOException {
    try (EnvoyAsked envoy = envoy(LEVELS)) {
      assertEquals("OK: OK OK", envoy.said("elsewhere", "path=/a", "x=y"));
      assertEquals("OK: OK", envoy.said("d", "x=y"));
      assertEquals("OK: OK", envoy.said("d", ""));
    }
  }

  private static final String TWO =
      """
      domain: d
      descriptors:
        - { key: a, rate_limit: { unit: minute, requests_per_unit: 1 } }
        - { key: b, rate_limit: { unit: minute, requests_per_unit: 9 } }
      """;

  @Test
  void aDenial_chargesNothing() throws IOException {
    try (EnvoyAsked envoy = envoy(TWO)) {
      assertEquals("OK: OK(0) OK(8)", envoy.said("d", "a=1", "b=1"));
      assertEquals("OVER_LIMIT: OVER_LIMIT(0) OK(8)", envoy.said("d", "a=1", "b=1"));
      assertEquals("OVER_LIMIT: OVER_LIMIT(0) OK(8)", envoy.said("d", "a=1", "b=1"));
    }
  }

  @Test
  void chargeOnDeny_countsDenials_andChargesEveryDescriptor() throws IOException {
    try (EnvoyAsked envoy = envoy(TWO + "charge-on-deny: true\n")) {
      assertEquals("OK: OK(0) OK(8)", envoy.said("d", "a=1", "b=1"));
      assertEquals("OVER_LIMIT: OVER_LIMIT(0) OK(7)", envoy.said("d", "a=1", "b=1"));
      assertEquals("OVER_LIMIT: OVER_LIMIT(0) OK(6)", envoy.said("d", "a=1", "b=1"));
      assertEquals("OVER_LIMIT: OVER_LIMIT(0)", envoy.said("d", "b=1 *7"));
      assertEquals("OVER_LIMIT: OVER_LIMIT(0)", envoy.said("d", "b=1 *0"));
    }
  }

  @Test
  void descriptorsThatAreTheSame_areEachCounted() throws IOException {
    try (EnvoyAsked envoy = envoy(TWO);
        EnvoyAsked counting = envoy(TWO + "charge-on-deny: true\n")) {
      assertEquals("OK: OK(8) OK(6)", envoy.said("d", "b=1", "b=1 *2"));
      assertEquals("OVER_LIMIT: OK(6) OVER_LIMIT(6)", envoy.said("d", "b=1 *3", "b=1 *4"));
      assertEquals("OK: OK(8) OK(6)", counting.said("d", "b=1", "b=1 *2"));
      assertEquals("OVER_LIMIT: OK(3) OVER_LIMIT(0)", counting.said("d", "b=1 *3", "b=1 *4"));
    }
  }

  @Test
  void hitsOfADescriptor_beatThoseOfTheRequest_andAnExplicit0Looks() throws IOException {
    try (EnvoyAsked envoy = envoy(TWO)) {
      RateLimitRequest.Builder request = RateLimitRequest.newBuilder().setDomain("d");
      request.setHitsAddend(4).addDescriptors(EnvoyAsked.descriptor("b=1"));
      assertEquals("OK: OK(5)", EnvoyAsked.said(envoy.ask(request.build())));
      request.setDescriptors(0, EnvoyAsked.descriptor("b=1 *2"));
      assertEquals("OK: OK(3)", EnvoyAsked.said(envoy.ask(request.build())));
      request.setDescriptors(0, EnvoyAsked.descriptor("b=1 *0"));
      assertEquals("OK: OK(3)", EnvoyAsked.said(envoy.ask(request.build())));
      request.setHitsAddend(0).setDescriptors(0, EnvoyAsked.descriptor("b=1"));
      assertEquals("OK: OK(2)", EnvoyAsked.said(envoy.ask(request.build())));
    }
  }

  @Test
  void negativeHits_giveBack_butNeverMoreThanWasUsed() throws IOException {
    try (EnvoyAsked envoy = envoy(TWO)) {
      assertEquals("OK: OK(4)", envoy.said("d", "b=1 *5"));
      assertEquals("OK: OK(7)", envoy.said("d", "b=1 *-3"));
      assertEquals("OK: OK(9)", envoy.said("d", "b=1 *-30"));
    }
  }

  private static final String MODES =
      """
      domain: d
      descriptors:
        - { key: s, shadow_mode: true, rate_limit: { unit: minute, requests_per_unit: 1 } }
        - { key: q, quota_mode: true, rate_limit: { unit: minute, requests_per_unit: 1 },
            metadata: { pool: small, n: 1 } }
        - { key: p, quota_mode: true, rate_limit: { unit: minute, requests_per_unit: 2 } }
        - { key: e, rate_limit: { unit: minute, requests_per_unit: 1 } }
      """;

  @Test
  void shadowMode_isCounted_andAlwaysOk() throws IOException {
    try (EnvoyAsked envoy = envoy(MODES)) {
      assertEquals("OK: OK(0)", envoy.said("d", "s=1"));
      RateLimitResponse second = envoy.ask("d", "s=1");
      assertEquals("OK: OK(0)", EnvoyAsked.said(second));
      assertEquals(
          0.0,
          second
              .getDynamicMetadata()
              .getFieldsOrThrow("shadowModeViolations")
              .getListValue()
              .getValues(0)
              .getNumberValue());
    }
  }

  @Test
  void quotas_denyOnlyWhenAllOfThemDo() throws IOException {
    try (EnvoyAsked envoy = envoy(MODES)) {
      RateLimitResponse first = envoy.ask("d", "q=1", "p=1");
      assertEquals("OK: OK(0) OK(1)", EnvoyAsked.said(first));
      assertEquals(
          "small",
          first
              .getDynamicMetadata()
              .getFieldsOrThrow("metadata")
              .getStructValue()
              .getFieldsOrThrow("pool")
              .getStringValue());
      RateLimitResponse second = envoy.ask("d", "q=1", "p=1");
      assertEquals("OK: OVER_LIMIT(0) OK(0)", EnvoyAsked.said(second));
      assertEquals(
          1,
          second
              .getDynamicMetadata()
              .getFieldsOrThrow("quotaModeViolations")
              .getListValue()
              .getValuesCount());
      assertFalse(second.getDynamicMetadata().containsFields("metadata"));
      assertEquals("OVER_LIMIT: OVER_LIMIT(0) OVER_LIMIT(0)", envoy.said("d", "q=1", "p=1"));
    }
  }

  @Test
  void globalShadowMode_deniesNothing_andSaysWhatItWouldHaveDenied() throws IOException {
    try (EnvoyAsked envoy = envoy(Leniency.SHADOW, MODES)) {
      assertEquals("OK: OK(0)", envoy.said("d", "e=1"));
      assertEquals("OK: OVER_LIMIT(0)", envoy.said("d", "e=1"));
    }
  }

  @Test
  void globalQuotaMode_makesEveryLimitAQuota() throws IOException {
    try (EnvoyAsked envoy = envoy(Leniency.QUOTA, MODES)) {
      assertEquals("OK: OK(0) OK(1)", envoy.said("d", "e=1", "p=1"));
      assertEquals("OK: OVER_LIMIT(0) OK(0)", envoy.said("d", "e=1", "p=1"));
      assertEquals("OVER_LIMIT: OVER_LIMIT(0) OVER_LIMIT(0)", envoy.said("d", "e=1", "p=1"));
    }
  }

  @Test
  void aLimitThatComesWithTheRequest_replacesTheConfigured_andCountsApart() throws IOException {
    try (EnvoyAsked envoy = envoy(TWO)) {
      RateLimitRequest.Builder request =
          RateLimitRequest.newBuilder()
              .setDomain("d")
              .addDescriptors(
                  EnvoyAsked.descriptor("b=1")
                      .setLimit(
                          RateLimitOverride.newBuilder()
                              .setRequestsPerUnit(3)
                              .setUnit(RateLimitUnit.HOUR)));
      assertEquals("OK: OK(2)", EnvoyAsked.said(envoy.ask(request.build())));
      assertEquals("OK: OK(8)", envoy.said("d", "b=1"));
      assertEquals("OK: OK", EnvoyAsked.said(envoy.ask(request.setDomain("elsewhere").build())));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "second, SECOND, 1, 1",
    "Minute, MINUTE, 59, 60",
    "HOUR, HOUR, 3599, 3600",
    "day, DAY, 57599, 86400",
    "week, WEEK, 489599, 604800",
    "month, MONTH, 1439999, 2592000",
    "year, YEAR, 29087999, 31536000"
  })
  void units_areAlignedToTheEpoch_andMonthsHave30Days(
      String unit, RateLimitResponse.RateLimit.Unit wire, long seconds, long window)
      throws IOException {
    String file =
        """
        domain: d
        descriptors:
          - { key: k, rate_limit: { name: per-unit, unit: %s, requests_per_unit: 7 } }
        """
            .formatted(unit);
    try (EnvoyAsked envoy = envoy(file)) {
      RateLimitResponse response = envoy.ask("d", "k=v");
      RateLimitResponse.DescriptorStatus status = response.getStatuses(0);
      assertEquals(wire, status.getCurrentLimit().getUnit());
      assertEquals(7, status.getCurrentLimit().getRequestsPerUnit());
      assertEquals("per-unit", status.getCurrentLimit().getName());
      long left = window - Math.floorMod(NOW / 1_000_000, window);
      assertEquals(left, status.getDurationUntilReset().getSeconds());
      assertEquals(0, status.getDurationUntilReset().getNanos());
      assertEquals("\"per-unit\";q=7;w=" + window, response.getResponseHeadersToAdd(0).getValue());
    }
  }

  @Test
  void headers_sayWhereTheClientStands() throws IOException {
    try (EnvoyAsked envoy = envoy(TWO)) {
      assertEquals(
          """
          RateLimit-Policy: "a";q=1;w=60, "b";q=9;w=60
          RateLimit: "a";r=0;t=59, "b";r=8;t=59
          X-RateLimit-Limit: 1
          X-RateLimit-Remaining: 0
          X-RateLimit-Reset: 59
          """,
          headers(envoy.ask("d", "a=1", "b=1")));
      assertEquals(
          """
          RateLimit-Policy: "a";q=1;w=60
          RateLimit: "a";r=0;t=59
          X-RateLimit-Limit: 1
          X-RateLimit-Remaining: 0
          X-RateLimit-Reset: 59
          Retry-After: 59
          """,
          headers(envoy.ask("d", "a=1")));
      assertEquals("", headers(envoy.ask("d", "x=1")));
    }
  }

  @Test
  void rulesOfOurOwn_answerEnvoyToo() throws IOException {
    String rules =
        """
        domain: own
        rules:
          - { name: per-user, key: [user], algorithm: token-bucket, rate: 1/10s, burst: 2 }
          - { name: daily, key: [user], algorithm: fixed-window, limit: 9, window: day }
          - { name: all, algorithm: sliding-log, limit: 3, window: 1m, mode: shadow }
        """;
    try (EnvoyAsked envoy = envoy(rules)) {
      RateLimitResponse first = envoy.ask("own", "user=alice path=/x", "user=alice");
      assertEquals("OK: OK[1] OK[1]", EnvoyAsked.said(first));
      assertEquals(
          "\"per-user\";q=2;w=20, \"daily\";q=9;w=86400",
          first.getResponseHeadersToAdd(0).getValue());
      assertEquals("OK: OK", EnvoyAsked.said(envoy.ask("own", "user=alice")));
      RateLimitResponse denied = envoy.ask("own", "user=alice");
      assertEquals("OVER_LIMIT: OVER_LIMIT", EnvoyAsked.said(denied));
      assertEquals(10, denied.getStatuses(0).getDurationUntilReset().getSeconds());
    }
  }

  private static String headers(RateLimitResponse response) {
    StringBuilder headers = new StringBuilder();
    response
        .getResponseHeadersToAddList()
        .forEach(
            one -> headers.append(one.getKey()).append(": ").append(one.getValue()).append('\n'));
    return headers.toString();
  }
}
