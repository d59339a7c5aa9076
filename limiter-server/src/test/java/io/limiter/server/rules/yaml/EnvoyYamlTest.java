package io.limiter.server.rules.yaml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.rules.Rule;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.table.EnvoyConfig;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files load as the service that they were written for reads them, whose YAML is 1.1. */
class EnvoyYamlTest {

  @ParameterizedTest
  @ValueSource(strings = {"", "~", "null", "Null", "NULL"})
  void aFieldWithoutAValue_isNoField(String nothing) {
    EnvoyConfig config =
        EnvoyConfig.of(
            """
            domain: d
            charge-on-deny: %1$s
            descriptors:
              - key: a
                value: %1$s
                shadow_mode: %1$s
                metadata: %1$s
                descriptors: %1$s
                rate_limit:
                  unit: day
                  requests_per_unit: %1$s
                  unlimited: %1$s
                  name: %1$s
                  replaces: %1$s
              - { key: a, value: free, rate_limit: %2$s }
            """
                .formatted(nothing, nothing.isEmpty() ? "null" : nothing));
    assertEquals("0/day -", config.limits("a=1", "a=free"));
    assertEquals("", config.limited("a=1").terms().name());
    assertFalse(config.rules().chargeOnDeny(false));
  }

  @Test
  void nothingInQuotes_isAText() {
    EnvoyConfig config =
        EnvoyConfig.descriptors(
            """
            - { key: a, value: 'null', rate_limit: { unit: day } }
            - { key: b, value: '', rate_limit: { unit: hour } }
            """);
    assertEquals("0/day - 0/hour", config.limits("a=null", "a=x", "b=x"));
  }

  @Test
  void noDescriptorsAtAll_isADomainThatIsKnown() {
    assertEquals("-", EnvoyConfig.of("domain: d\ndescriptors:\n").limits("a=1"));
    assertEquals("-", EnvoyConfig.of("domain: d\ndescriptors: []\n").limits("a=1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"y", "Yes", "TRUE", "True", "on", "ON"})
  void yesIsTrue(String yes) {
    EnvoyConfig config =
        EnvoyConfig.of(
            """
            domain: d
            charge-on-deny: %1$s
            descriptors:
              - { key: a, rate_limit: { unlimited: %1$s } }
              - { key: s, shadow_mode: %1$s, rate_limit: { unit: day } }
              - { key: q, quota_mode: %1$s, rate_limit: { unit: day } }
              - { key: m, detailed_metric: %1$s, rate_limit: { unit: day } }
              - { key: v, value_to_metric: %1$s, rate_limit: { unit: day } }
              - { key: w*, share_threshold: %1$s, rate_limit: { unit: day } }
            """
                .formatted(yes));
    assertTrue(config.rules().chargeOnDeny(false));
    assertEquals("unlimited", config.limits("a=1"));
    assertEquals(Rule.Mode.SHADOW, config.limited("s=1").rule().mode());
    assertEquals(Rule.Mode.QUOTA, config.limited("q=1").rule().mode());
    assertEquals("m_1", config.metric("m=1"));
    assertEquals("v_1", config.metric("v=1"));
    assertEquals("w~w*", config.counter("w=1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"n", "No", "FALSE", "off"})
  void noIsFalse(String no) {
    EnvoyConfig config =
        EnvoyConfig.descriptors(
            "- { key: a, shadow_mode: %s, rate_limit: { unit: day } }\n".formatted(no));
    assertEquals(Rule.Mode.ENFORCE, config.limited("a=1").rule().mode());
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "00, 0",
    "7, 7",
    "+7, 7",
    "1_000, 1000",
    "010, 8",
    "0o10, 8",
    "0x1F, 31",
    "0b101, 5",
    "4294967295, 4294967295",
    "0xffff_ffff, 4294967295",
    "'\"12\"', 12",
    "0b00000000000000000000000000000000000000000011, 3"
  })
  void requestsPerUnit_isReadInEveryRadix(String text, long expected) {
    EnvoyConfig config =
        EnvoyConfig.descriptors(
            "- { key: a, rate_limit: { unit: day, requests_per_unit: %s } }\n".formatted(text));
    assertEquals(expected, config.limited("a=1").terms().requestsPerUnit());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "08",
        "1.5",
        "1e3",
        "-0",
        "-1",
        "_1",
        "0x",
        "ten",
        "'1 0'",
        "4294967296",
        "0x1_0000_0000"
      })
  void requestsPerUnit_isNothingElse(String text) {
    List<Problem> problems =
        RuleFiles.load(
                List.of(
                    new RuleFiles.Source(
                        "f",
                        "domain: d\ndescriptors:\n- { key: a, rate_limit: { unit: day,"
                            + " requests_per_unit: %s } }\n".formatted(text))))
            .problems();
    assertEquals(1, problems.size(), problems::toString);
    String said = problems.get(0).toString();
    assertTrue(said.contains("requests_per_unit") && said.contains("use 0 to 4294967295"), said);
  }

  @Test
  void keysAndValues_keepTheCharactersInTheFile() {
    EnvoyConfig config =
        EnvoyConfig.descriptors(
            """
            - { key: status, value: 0404, rate_limit: { unit: day } }
            - { key: on, value: yes, rate_limit: { unit: hour } }
            - { key: 1.0, value: 1e3, rate_limit: { unit: week } }
            """);
    assertEquals("0/day 0/hour 0/week", config.limits("status=0404", "on=yes", "1.0=1e3"));
    assertEquals("- - -", config.limits("status=404", "true=true", "1=1000"));
  }

  @Test
  void aMerge_putsInWhatIsNotGivenHere() {
    EnvoyConfig config =
        EnvoyConfig.descriptors(
            """
            - key: a
              rate_limit: &usual { unit: minute, requests_per_unit: 10, name: usual }
            - key: b
              rate_limit: *usual
            - key: c
              rate_limit: { <<: *usual, requests_per_unit: 20 }
            - key: e
              rate_limit: &free { <<: *usual, unit: ~, name: free, unlimited: yes }
            - &whole { key: f, shadow_mode: on, rate_limit: { <<: [{ unit: day }, *usual] } }
            - { <<: *whole, key: g }
            """);
    assertEquals("10/minute 10/minute 20/minute", config.limits("a=1", "b=1", "c=1"));
    assertEquals("unlimited", config.limits("e=1"));
    assertEquals("10/day 10/day", config.limits("f=1", "g=1"));
    assertEquals("usual", config.limited("g=1").terms().name());
    assertEquals(Rule.Mode.SHADOW, config.limited("g=1").rule().mode());
  }

  @Test
  void aQuotedMerge_isAKey() {
    List<Problem> problems =
        RuleFiles.load(
                List.of(
                    new RuleFiles.Source(
                        "f", "domain: d\ndescriptors:\n- { key: a, '<<': { value: x } }\n")))
            .problems();
    assertEquals(
        List.of(
            "f:3:13: key \"<<\" is unknown; use value, rate_limit, descriptors,"
                + " shadow_mode, quota_mode, detailed_metric, value_to_metric, share_threshold or"
                + " metadata"),
        problems.stream().map(Problem::toString).toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"edge/proxy", "a b:c", "日本", "{x}|y", "12"})
  void aDomain_isAnyText(String domain) {
    LoadedRules loaded =
        RuleFiles.load(
            List.of(
                new RuleFiles.Source("f", "domain: \"%s\"\ndescriptors: []\n".formatted(domain))));
    assertEquals(List.of(), loaded.problems());
    assertEquals(domain, loaded.table().domains().iterator().next());
  }

  @Test
  void nativeFiles_standBesideTheirs_andADomainIsInOneFileOnly() {
    RuleFiles.Source rules = new RuleFiles.Source("a.yaml", "domain: one\nrules: []\n");
    RuleFiles.Source other = new RuleFiles.Source("b.yaml", "domain: two\ndescriptors: []\n");
    LoadedRules beside = RuleFiles.load(List.of(rules, other));
    assertEquals(List.of(), beside.problems());
    assertEquals(List.of("one", "two"), List.copyOf(beside.table().domains()));
    RuleFiles.Source again = new RuleFiles.Source("c.yaml", "domain: one\ndescriptors: []\n");
    assertEquals(
        List.of(
            "a.yaml:1:9: domain \"one\" is also in c.yaml; put all its rules in one file",
            "c.yaml:1:9: domain \"one\" is also in a.yaml; put all its rules in one file"),
        RuleFiles.load(List.of(rules, other, again)).problems().stream()
            .map(Problem::toString)
            .toList());
  }
}
