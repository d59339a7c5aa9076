package io.limiter.server.rules.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.limiter.server.rules.table.EnvoyConfig;
import io.limiter.server.rules.yaml.Problem;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the examples and the tests of envoyproxy/ratelimit have configurations for, each as a small
 * case: what is asked, and which limit is found, or that the file is refused.
 */
class EnvoyTableTest {
  private static final String DAY = "rate_limit: { unit: day, requests_per_unit: ";

  private static Arguments found(String law, String descriptors, String asked, String limits) {
    return Arguments.of(law, descriptors, asked, limits);
  }

  static Stream<Arguments> loaded() {
    return Stream.of(
        found(
            "a value of its own, another by its key alone, one level down",
            "[{ key: k, value: v, descriptors: [{ key: s, value: t, "
                + DAY
                + "2 } }, { key: s, "
                + DAY
                + "1 } }] }]",
            "k=v s=t|k=v s=u|k=w s=t|k=v",
            "2/day 1/day - -"),
        found(
            "a value that is banned beside a default",
            "[{ key: k, rate_limit: { unit: MINUTE, requests_per_unit: 5 } },"
                + " { key: k, value: bad, rate_limit: { unit: second } }]",
            "k=x|k=bad",
            "5/minute 0/second"),
        found(
            "a value without a limit is let pass",
            "[{ key: k, " + DAY + "1 } }, { key: k, value: free }]",
            "k=x|k=free",
            "1/day -"),
        found(
            "unlimited differs from unknown",
            "[{ key: k, rate_limit: { unlimited: true } }, { key: l, " + DAY + "1 } }]",
            "k=x|l=x|m=x",
            "unlimited 1/day -"),
        found(
            "every unit",
            "[{ key: s, rate_limit: { unit: second } }, { key: m, rate_limit: { unit: minute } },"
                + " { key: h, rate_limit: { unit: hour } }, { key: w, rate_limit: { unit: week } },"
                + " { key: o, rate_limit: { unit: month } }, { key: y, rate_limit: { unit: year } }]",
            "s=1|m=1|h=1|w=1|o=1|y=1",
            "0/second 0/minute 0/hour 0/week 0/month 0/year"),
        found(
            "so many units make a window",
            "[{ key: k, rate_limit: { unit: minute, unit_multiplier: 5, requests_per_unit: 2 } },"
                + " { key: l, rate_limit: { unit: minute, requests_per_unit: 3 } }]",
            "k=x|l=x",
            "2/5minute 3/minute"),
        found(
            "a wildcard at the end, in the middle, several",
            "[{ key: a, value: foo*, "
                + DAY
                + "1 } }, { key: a, value: foo, "
                + DAY
                + "2 } },"
                + " { key: b, value: x*y, "
                + DAY
                + "3 } }, { key: b, value: p*q*r, "
                + DAY
                + "4 } },"
                + " { key: n, "
                + DAY
                + "5 } }]",
            "a=foo1|a=foo|a=fo|b=x1y|b=xy|b=x1|b=p1q2r|b=prq|n=",
            "1/day 2/day - 3/day 3/day - 4/day - 5/day"),
        found(
            "a wildcard on the way down",
            "[{ key: a, value: t*p, share_threshold: true, descriptors:"
                + " [{ key: b, value: r*2, share_threshold: true, "
                + DAY
                + "6 } }] }]",
            "a=t-p b=r-2|a=t-p b=r-3|a=t-p",
            "6/day - -"),
        found(
            "replaces",
            "[{ key: a, rate_limit: { name: n, unit: day, requests_per_unit: 1 } },"
                + " { key: b, rate_limit: { replaces: [{ name: n }], unit: day } }]",
            "a=1|b=1",
            "- 0/day"),
        found(
            "modes, metrics and metadata",
            "[{ key: a, shadow_mode: true, quota_mode: true, detailed_metric: true,"
                + " value_to_metric: true, metadata: { name: svc }, "
                + DAY
                + "1 } }]",
            "a=1",
            "1/day"),
        found("nothing at all", "[]", "a=1", "-"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void loaded(String law, String descriptors, String asked, String limits) {
    EnvoyConfig config = EnvoyConfig.of("domain: d\ndescriptors: " + descriptors + "\n");
    assertEquals(limits, config.limits(asked.split("\\|", -1)), law);
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("no domain", "descriptors: []"),
        Arguments.of("an empty domain", "domain: ''\ndescriptors: []"),
        Arguments.of("no key", "domain: d\ndescriptors: [{ value: v }]"),
        Arguments.of("an empty key", "domain: d\ndescriptors: [{ key: '' }]"),
        Arguments.of("a key twice", "domain: d\ndescriptors: [{ key: a }, { key: a }]"),
        Arguments.of(
            "a key and value twice, joined",
            "domain: d\ndescriptors: [{ key: a, value: b_c }, { key: a_b, value: c }]"),
        Arguments.of(
            "an unknown unit",
            "domain: d\ndescriptors: [{ key: a, rate_limit: { unit: foo, requests_per_unit: 5 } }]"),
        Arguments.of("no unit", "domain: d\ndescriptors: [{ key: a, rate_limit: {} }]"),
        Arguments.of(
            "unlimited with a unit",
            "domain: d\ndescriptors: [{ key: a, rate_limit: { unlimited: true, unit: day } }]"),
        Arguments.of("no YAML", "domain: d\ndescriptors: [{"),
        Arguments.of("a list", "- domain: d"),
        Arguments.of("a misspelt key", "domain: d\ndescriptors: [{ ke: a }]"),
        Arguments.of(
            "a misspelt key below",
            "domain: d\ndescriptors: [{ key: a, descriptors: [{ k: b }] }]"),
        Arguments.of("a key that is no text", "domain: d\ndescriptors: [{ key: a, 4: b }]"),
        Arguments.of("a list of texts", "domain: d\ndescriptors: [a]"),
        Arguments.of(
            "a limit that replaces nothing named",
            "domain: d\ndescriptors: [{ key: a, rate_limit: { unit: day, replaces: [{ name: }] } }]"),
        Arguments.of(
            "a limit that replaces itself",
            "domain: d\ndescriptors: [{ key: a, rate_limit:"
                + " { unit: day, name: n, replaces: [{ name: n }] } }]"),
        Arguments.of(
            "no units in a window",
            "domain: d\ndescriptors: [{ key: a, rate_limit: { unit: day, unit_multiplier: 0 } }]"),
        Arguments.of(
            "a threshold to share by one value",
            "domain: d\ndescriptors: [{ key: a, value: v, share_threshold: true }]"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void refused(String law, String text) {
    LoadedRules loaded = RuleFiles.load(List.of(new RuleFiles.Source("f", text + "\n")));
    assertEquals(1, loaded.problems().stream().map(Problem::line).distinct().count(), law);
    assertEquals(List.of(), List.copyOf(loaded.table().domains()), law);
  }
}
