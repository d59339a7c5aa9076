package io.limiter.server.rules.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.DescriptorMatch;
import io.limiter.server.rules.Domain;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.table.EnvoyConfig;
import io.limiter.server.rules.yaml.Problem;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What envoyproxy/ratelimit ignores in its files is warned of, and not refused. */
class EnvoyLeniencyTest {

  private static LoadedRules load(String text) {
    return RuleFiles.load(List.of(new RuleFiles.Source("f", text)));
  }

  private static List<String> warnings(String text) {
    LoadedRules loaded = load(text);
    assertEquals(List.of(), loaded.problems());
    return loaded.warnings().stream().map(Problem::toString).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "'key: a, rate_limit: { unit: day, shadow_mode: true }', 1, shadow_mode",
    "'key: a, rate_limit: { unit: day, detailed_metric: true }', 1, detailed_metric",
    "'key: a, unit: day, requests_per_unit: 3', 2, unit",
    "'key: a, domain: x', 1, domain",
    "'key: a, rate_limit: { unit: day, replaces: [{ name: n, key: k }] }', 1, key",
    "'key: a, rate_limit: { unlimited: true, unit: eon }', 1, unit",
    "'key: !own a, rate_limit: { unit: day }', 1, tag !own",
    "'key: a, rate_limit: !own { unit: day }', 1, tag !own",
    "'key: a, value: x, value: y, rate_limit: { unit: day }', 1, value is given twice"
  })
  void whatMeansNothingInItsPlace_isWarnedOf(String descriptor, int count, String first) {
    List<String> warnings = warnings("domain: d\ndescriptors: [{ %s }]\n".formatted(descriptor));
    assertEquals(count, warnings.size(), warnings::toString);
    assertEquals(true, warnings.get(0).contains(first), warnings::toString);
  }

  @Test
  void aMisplacedShadowMode_leavesTheLimitEnforced_andSaysWhere() {
    String text =
        "domain: d\ndescriptors:\n- { key: a, rate_limit: { unit: day, shadow_mode: true } }\n";
    assertEquals(
        List.of(
            "f:3:38: shadow_mode means nothing here and is ignored;"
                + " use it where it belongs, or remove it"),
        warnings(text));
    assertEquals(Rule.Mode.ENFORCE, EnvoyConfig.of(text).limited("a=1").rule().mode());
  }

  @Test
  void ofAFieldGivenTwice_theLastCounts_andMappingsAreMixed() {
    EnvoyConfig config =
        EnvoyConfig.descriptors(
            """
            - key: a
              rate_limit: { unit: day, requests_per_unit: 1, name: n }
              rate_limit: { requests_per_unit: 2 }
            """);
    assertEquals("2/day", config.limits("a=1"));
    assertEquals("n", config.limited("a=1").terms().name());
  }

  @Test
  void aMergeThatComesLate_replacesWhatWasGivenBefore() {
    String text =
        """
        domain: d
        descriptors:
          - { key: a, rate_limit: &l { unit: day } }
          - { key: b, rate_limit: { unit: hour, <<: *l } }
        """;
    assertEquals(
        List.of(
            "f:4:41: << comes after unit, and replaces it;"
                + " put << first if what is given here shall count"),
        warnings(text));
    assertEquals("0/day", EnvoyConfig.of(text).limits("b=1"));
  }

  @Test
  void aMerge_mixesTheLimitsFields() {
    EnvoyConfig config =
        EnvoyConfig.descriptors(
            """
            - &base { key: a, rate_limit: { unit: minute, requests_per_unit: 5 } }
            - { <<: *base, key: b, rate_limit: { requests_per_unit: 9 } }
            """);
    assertEquals("5/minute 9/minute", config.limits("a=1", "b=1"));
  }

  @Test
  void aSecondDocument_isIgnored_whateverIsInIt() {
    String text = "domain: d\ndescriptors: []\n---\nrules: [}\n";
    assertEquals(
        List.of("f:4:1: the file holds a second document, which is ignored; use another file"),
        warnings(text));
  }

  @Test
  void aDomainWithoutDescriptors_isKnown_andLimitsNothing() {
    LoadedRules loaded = load("domain: d\n");
    assertEquals(List.of(), loaded.problems());
    assertEquals(
        List.of(
            "f:1:1: there are neither descriptors nor rules; nothing is limited in this domain"),
        loaded.warnings().stream().map(Problem::toString).toList());
    assertEquals(true, loaded.table().domain("d") instanceof Domain.OfDescriptors);
  }

  @Test
  void asManyLevelsAsARequestMayHaveEntries_areRead() {
    int levels = 64;
    StringBuilder text = new StringBuilder("domain: d\n");
    for (int i = 0; i < levels; i++) {
      text.append("  ".repeat(i)).append("descriptors:\n");
      text.append("  ".repeat(i)).append("- key: k\n");
    }
    text.append("  ".repeat(levels)).append("rate_limit: { unit: day, requests_per_unit: 7 }\n");
    List<Descriptor.Entry> entries = new ArrayList<>();
    for (int i = 0; i < levels; i++) {
      entries.add(new Descriptor.Entry("k", "v" + i));
    }
    DescriptorMatch match =
        EnvoyConfig.of(text.toString())
            .rules()
            .match(List.of(new Descriptor(entries, null)))
            .get(0);
    assertEquals("7/day", EnvoyConfig.limit(match));
  }

  @Test
  void whatTheyRefuse_isRefused() {
    assertEquals(
        1,
        load("domain: d\ndescriptors: [{ key: a, ratelimit: { unit: day } }]\n").problems().size());
    assertEquals(1, load("domain: ''\ndescriptors: []\n").problems().size());
  }

  @Test
  void filesOfOurOwn_stayStrict() {
    assertEquals(1, load("domain: d\nrules: []\n---\ndomain: e\n").problems().size());
    assertEquals(1, load("domain: d\nrules: !own []\n").problems().size());
    assertEquals(1, load("domain: d\nrules: []\nrules: []\n").problems().size());
    assertEquals(
        1,
        load("domain: d\nname: n\n").problems().stream()
            .filter(p -> p.message().contains("rules is missing"))
            .count());
  }
}
