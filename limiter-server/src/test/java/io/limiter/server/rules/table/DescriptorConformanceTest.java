package io.limiter.server.rules.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.limiter.algorithm.FixedWindow;
import io.limiter.ledger.Role;
import io.limiter.server.key.DescriptorCounter;
import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.DescriptorMatch;
import io.limiter.server.rules.RateUnit;
import io.limiter.server.rules.Rule;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How descriptors find their limits, rule by rule as Envoy's own service finds them. */
class DescriptorConformanceTest {

  private static final EnvoyConfig PATHS =
      EnvoyConfig.descriptors(
          """
          - { key: path, rate_limit: { unit: minute, requests_per_unit: 1 } }
          - { key: path, value: /a*, rate_limit: { unit: minute, requests_per_unit: 2 } }
          - { key: path, value: /ab*, rate_limit: { unit: minute, requests_per_unit: 3 } }
          - { key: path, value: /abc, rate_limit: { unit: minute, requests_per_unit: 4 } }
          - { key: path, value: /free }
          - { key: path, value: /open* }
          """);

  @Test
  void exactValue_beatsWildcard_beatsBareKey() {
    assertEquals("4/minute", PATHS.limits("path=/abc"));
    assertEquals("2/minute", PATHS.limits("path=/abcd"));
    assertEquals("1/minute", PATHS.limits("path=/x"));
    assertEquals("1/minute", PATHS.limits("path="));
  }

  @Test
  void wildcards_areTriedInFileOrder() {
    assertEquals("2/minute", PATHS.limits("path=/abx"));
    EnvoyConfig swapped =
        EnvoyConfig.descriptors(
            """
            - { key: path, value: /ab*, rate_limit: { unit: minute, requests_per_unit: 3 } }
            - { key: path, value: /a*, rate_limit: { unit: minute, requests_per_unit: 2 } }
            """);
    assertEquals("3/minute", swapped.limits("path=/abx"));
    assertEquals("2/minute", swapped.limits("path=/ax"));
  }

  @Test
  void aWildcard_matchesItsOwnStem_andItselfByTheLetter() {
    assertEquals("2/minute", PATHS.limits("path=/a"));
    assertEquals("2/minute", PATHS.limits("path=/a*"));
    assertEquals("3/minute", PATHS.limits("path=/ab*"));
  }

  @Test
  void aStarInside_isAStar() {
    EnvoyConfig config =
        EnvoyConfig.descriptors("- { key: k, value: a*b, rate_limit: { unit: day } }\n");
    assertEquals("0/day -", config.limits("k=a*b", "k=axb"));
  }

  @Test
  void aKeyWithoutValue_mayBeAWildcardToo() {
    EnvoyConfig config =
        EnvoyConfig.descriptors(
            "- { key: region*, rate_limit: { unit: day, requests_per_unit: 7 } }\n");
    assertEquals("7/day 7/day -", config.limits("region=x", "region_eu=x", "regio=x"));
  }

  @Test
  void aNodeWithoutLimit_blocksTheFallback() {
    assertEquals("-", PATHS.limits("path=/free"));
    assertEquals("-", PATHS.limits("path=/open/x"));
    assertEquals("1/minute", PATHS.limits("path=/freer"));
  }

  private static final EnvoyConfig NESTED =
      EnvoyConfig.descriptors(
          """
          - key: kind
            value: mail
            rate_limit: { unit: minute, requests_per_unit: 9 }
            descriptors:
              - { key: to, rate_limit: { unit: minute, requests_per_unit: 2 } }
          - key: plan
            descriptors:
              - { key: user, value: probe*, rate_limit: { unit: minute, requests_per_unit: 1 } }
          - { key: to, rate_limit: { unit: hour, requests_per_unit: 5 } }
          """);

  @Test
  void depthMustMatch() {
    assertEquals("9/minute", NESTED.limits("kind=mail"));
    assertEquals("2/minute", NESTED.limits("kind=mail to=1"));
    assertEquals("-", NESTED.limits("kind=mail to=1 more=x"));
    assertEquals("-", NESTED.limits("plan=gold"));
    assertEquals("1/minute", NESTED.limits("plan=gold user=probe-1"));
    assertEquals("-", NESTED.limits("plan=gold user=alice"));
  }

  @Test
  void orderOfEntries_matters() {
    assertEquals("5/hour -", NESTED.limits("to=1", "to=1 kind=mail"));
  }

  @Test
  void theWalkNeverTurnsBack_toABareKeyBesideIt() {
    EnvoyConfig config =
        EnvoyConfig.descriptors(
            """
            - key: a
              value: x
              descriptors: [{ key: b, value: y, rate_limit: { unit: day } }]
            - key: a
              descriptors: [{ key: b, rate_limit: { unit: hour } }]
            """);
    assertEquals("0/day - 0/hour", config.limits("a=x b=y", "a=x b=z", "a=w b=z"));
  }

  @Test
  void casesDiffer() {
    assertEquals("- 1/minute", PATHS.limits("Path=/abc", "path=/ABC"));
  }

  @Test
  void keyAndValue_areOneText() {
    EnvoyConfig config =
        EnvoyConfig.descriptors(
            """
            - { key: a, value: b, rate_limit: { unit: day, requests_per_unit: 5 } }
            - { key: c_, rate_limit: { unit: day, requests_per_unit: 6 } }
            """);
    assertEquals("5/day", config.limits("a=b"));
    assertEquals("5/day", config.limits("a_b="), "the bare key a_b is the text of a and b");
    assertEquals("5/day", config.limits("a_b=c"));
    assertEquals("6/day", config.limits("c="), "c and nothing is the text c_");
    assertEquals("a_b=c", config.counter("a_b=c"), "its counter is its own");
  }

  @Test
  void anEmptyDescriptor_hasNoLimit() {
    assertEquals("-", PATHS.limits(""));
    assertEquals(List.of(), PATHS.match());
  }

  @Test
  void anEmptyKey_meetsNothing() {
    assertEquals("-", PATHS.limits("=/abc"));
  }

  private static final EnvoyConfig REPLACING =
      EnvoyConfig.descriptors(
          """
          - { key: a, rate_limit: { name: general, unit: minute, requests_per_unit: 1 } }
          - key: b
            rate_limit: { unit: minute, requests_per_unit: 5, replaces: [{ name: general }] }
          - key: c
            rate_limit: { unlimited: true, name: free, replaces: [{ name: general }] }
          - key: e
            rate_limit:
              { name: special, unit: minute, requests_per_unit: 7, replaces: [{ name: free }] }
          - key: f
            rate_limit:
              { name: last, unit: day, requests_per_unit: 8, replaces: [{ name: special }] }
          - key: g
            value: x
            descriptors: [{ key: h, rate_limit: { unit: day, replaces: [{ name: general }] } }]
          """);

  @Test
  void replaces_removesLimitsOfThatName_whateverTheOrder() {
    assertEquals("- 5/minute", REPLACING.limits("a=1", "b=1"));
    assertEquals("5/minute - -", REPLACING.limits("b=1", "a=1", "a=2"));
    assertEquals("1/minute", REPLACING.limits("a=1"));
  }

  @Test
  void anUnlimited_replacesToo_butIsNotReplaced() {
    assertEquals("unlimited -", REPLACING.limits("c=1", "a=1"));
    assertEquals("unlimited 7/minute", REPLACING.limits("c=1", "e=1"));
  }

  @Test
  void whatIsReplaced_stillReplaces() {
    assertEquals("8/day - unlimited", REPLACING.limits("f=1", "e=1", "c=1"));
    EnvoyConfig chain =
        EnvoyConfig.descriptors(
            """
            - { key: a, rate_limit: { name: one, unit: day } }
            - { key: b, rate_limit: { name: two, unit: day, replaces: [{ name: one }] } }
            - { key: c, rate_limit: { name: three, unit: day, replaces: [{ name: two }] } }
            """);
    assertEquals("- - 0/day", chain.limits("a=1", "b=1", "c=1"));
  }

  @Test
  void replaces_countsOnlyWhereALimitIsFound() {
    assertEquals("1/minute -", REPLACING.limits("a=1", "g=x"));
    assertEquals("- 0/day", REPLACING.limits("a=1", "g=x h=1"));
  }

  @Test
  void ownLimit_replacesTheConfigured_andIsEnforced() {
    EnvoyConfig config =
        EnvoyConfig.descriptors(
            """
            - { key: a, shadow_mode: true, rate_limit: { name: n, unit: minute } }
            - { key: b, rate_limit: { unit: minute, replaces: [{ name: n }] } }
            """);
    Descriptor own =
        new Descriptor(
            List.of(new Descriptor.Entry("a", "1"), new Descriptor.Entry("x", "")),
            new Descriptor.OwnLimit(3, RateUnit.HOUR));
    List<DescriptorMatch> matches =
        config.rules().match(List.of(own, EnvoyConfig.descriptor("b=1")));
    DescriptorMatch.Limited limited =
        assertInstanceOf(DescriptorMatch.Limited.class, matches.get(0));
    assertEquals("3/hour", EnvoyConfig.limit(limited));
    assertEquals("", limited.name());
    assertEquals(Rule.Mode.ENFORCE, limited.rule().mode());
    assertEquals(FixedWindow.per(RateUnit.HOUR.micros(), 3), limited.rule().limit());
    assertEquals(
        new DescriptorCounter(
            List.of(
                new DescriptorCounter.Part("a", "1", false),
                new DescriptorCounter.Part("x", "", false)),
            "hour"),
        limited.counter());
  }

  @Test
  void eachValue_isCountedApart() {
    assertEquals("kind=mail to=1", NESTED.counter("kind=mail to=1"));
    assertEquals("plan=gold user=probe-1", NESTED.counter("plan=gold user=probe-1"));
    assertEquals("", NESTED.limited("to=1").counter().ownUnit());
  }

  private static final EnvoyConfig SHARED =
      EnvoyConfig.descriptors(
          """
          - key: file
            value: f/*
            share_threshold: true
            rate_limit: { unit: hour, requests_per_unit: 3 }
            descriptors:
              - { key: user, rate_limit: { unit: hour, requests_per_unit: 5 } }
              - key: team
                value: t*
                share_threshold: yes
                rate_limit: { unit: hour, requests_per_unit: 6 }
          - { key: any*, share_threshold: true, rate_limit: { unit: hour } }
          """);

  @Test
  void shareThreshold_countsAWildcardsValuesTogether_alsoOnTheWay() {
    assertEquals("file~f/*", SHARED.counter("file=f/a"));
    assertEquals("file~f/* user=u", SHARED.counter("file=f/a user=u"));
    assertEquals("file~f/* team~t*", SHARED.counter("file=f/a team=t1"));
    assertEquals("anyone~any*", SHARED.counter("anyone=x"));
  }

  @Test
  void aSharedWildcardAskedByTheLetter_isCountedWithItsValues() {
    assertEquals("file~f/*", SHARED.counter("file=f/*"));
  }

  @ParameterizedTest
  @CsvSource({
    "'', ENFORCED",
    "'shadow_mode: true,', SHADOW",
    "'quota_mode: true,', QUOTA",
    "'quota_mode: true, shadow_mode: true,', SHADOW",
    "'quota_mode: false, shadow_mode: false,', ENFORCED"
  })
  void theMode_isTheDescriptors_andShadowDeniesNothing(String fields, Role expected) {
    EnvoyConfig config =
        EnvoyConfig.descriptors("- { key: a, %s rate_limit: { unit: day } }\n".formatted(fields));
    assertEquals(expected, config.limited("a=1").rule().mode().role());
  }

  @ParameterizedTest
  @CsvSource({
    "second, 1",
    "Minute, 60",
    "HOUR, 3600",
    "dAy, 86400",
    "week, 604800",
    "month, 2592000",
    "year, 31536000"
  })
  void units_areReadInAnyCase(String unit, long seconds) {
    EnvoyConfig config =
        EnvoyConfig.descriptors("- { key: a, rate_limit: { unit: %s } }\n".formatted(unit));
    assertEquals(FixedWindow.per(seconds * 1_000_000, 0), config.limited("a=1").rule().limit());
  }

  @Test
  void theRule_isMadeOnce() {
    assertSame(NESTED.limited("kind=mail to=1").rule(), NESTED.limited("kind=mail to=2").rule());
  }

  @Test
  void metadata_isKept_whereverItIsWritten() {
    EnvoyConfig config =
        EnvoyConfig.descriptors(
            """
            - key: a
              metadata: { pool: small, weight: 1.5, list: [1, x, { deep: true }] }
              rate_limit: { unit: day, name: n }
            - { key: b, rate_limit: { unit: day, metadata: { pool: large, none: ~ } } }
            """);
    assertEquals(
        Map.of("pool", "small", "weight", 1.5, "list", List.of(1.0, "x", Map.of("deep", true))),
        config.limited("a=1").metadata());
    assertEquals(Map.of("pool", "large"), config.limited("b=1").metadata());
    assertEquals("n", config.limited("a=1").name());
  }

  @Test
  void ruleCount_isTheNumberOfLimits() {
    assertEquals(4, NESTED.rules().ruleCount());
    assertEquals(4, PATHS.rules().ruleCount());
  }
}
