package io.limiter.server.rules.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.Explanation;
import io.limiter.server.rules.LimitSyntax;
import io.limiter.server.rules.Matching;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ExplanationTest {
  private static final String NUMBERS = "algorithm: fixed-window, limit: 5, window: 1m";

  static RuleTable table(String yaml) {
    LoadedRules loaded = RuleFiles.load(List.of(new RuleFiles.Source("edge.yaml", yaml)));
    assertEquals(List.of(), loaded.problems());
    return loaded.table();
  }

  /** A domain of one-line rules, the first on line 3. */
  private static RuleTable rules(String... fields) {
    return table(
        "domain: edge\nrules:\n"
            + IntStream.range(0, fields.length)
                .mapToObj(i -> "  - { name: r%d, %s, %s }%n".formatted(i, NUMBERS, fields[i]))
                .collect(Collectors.joining()));
  }

  private static Explanation.OfRules explain(RuleTable table, Map<String, String> attributes) {
    List<Descriptor.Entry> entries = new ArrayList<>();
    attributes.forEach((key, value) -> entries.add(new Descriptor.Entry(key, value)));
    return assertInstanceOf(Explanation.OfRules.class, table.domain("edge").explain(entries));
  }

  static List<Arguments> reasons() {
    String users =
        IntStream.range(0, 9).mapToObj(i -> "u" + i).collect(Collectors.joining(", ", "[", "]"));
    return List.of(
        Arguments.of("key: [user]", Map.of(), List.of("attribute user is absent")),
        Arguments.of(
            "when: { endpoint: POST /login }",
            Map.of(),
            List.of("attribute endpoint is absent; it must be \"POST /login\"")),
        Arguments.of(
            "when: { endpoint: POST /login }",
            Map.of("endpoint", "GET /"),
            List.of("endpoint is \"GET /\", not \"POST /login\"")),
        Arguments.of(
            "when: { endpoint: [GET /v1/*, HEAD /v1/?] }",
            Map.of("endpoint", "PUT /"),
            List.of("endpoint is \"PUT /\", not \"GET /v1/*\" or \"HEAD /v1/?\"")),
        Arguments.of(
            "when: { ip: \"!10.0.0.0/8\" }",
            Map.of("ip", "10.1.2.3"),
            List.of("ip is \"10.1.2.3\", which \"!10.0.0.0/8\" excludes")),
        Arguments.of(
            "when: { plan: [\"*\", \"!free\", \"!trial*\"] }",
            Map.of("plan", "trial-7"),
            List.of("plan is \"trial-7\", which \"!trial*\" excludes")),
        Arguments.of(
            "key: [ip], when: { ip: \"!10.0.0.0/8\" }",
            Map.of("user", "alice"),
            List.of("attribute ip is absent")),
        Arguments.of(
            "when: { user: " + users + " }",
            Map.of("user", "alice"),
            List.of("user is \"alice\", not \"u0\", \"u1\", \"u2\" or 6 more")),
        Arguments.of(
            "key: [a, b, c, d, e]",
            Map.of(),
            List.of(
                "attribute a is absent",
                "attribute b is absent",
                "attribute c is absent",
                "and 2 more reasons")),
        Arguments.of(
            "when: { user: bob }",
            Map.of("user", "x".repeat(200)),
            List.of("user is \"" + "x".repeat(100) + "\"..., not \"bob\"")),
        Arguments.of(
            "when: { user: bob }",
            Map.of("user", "a\u001b[31m\n"),
            List.of("user is \"a\\u001b[31m\\u000a\", not \"bob\"")),
        Arguments.of("mode: off", Map.of(), List.of("mode: off")),
        Arguments.of("unlimited: true", Map.of(), List.of("unlimited: true")),
        Arguments.of(
            "mode: off, key: [user]", Map.of("ip", "::1"), List.of("attribute user is absent")),
        Arguments.of(
            "overrides: [{ when: { a: x }, limit: 1 }, { when: { a: y }, unlimited: true }]",
            Map.of("a", "y"),
            List.of("unlimited by override 2 (line 3)")),
        Arguments.of(
            "overrides: [{ when: { a: x }, mode: off }]",
            Map.of("a", "x"),
            List.of("mode: off in override 1 (line 3)")));
  }

  @ParameterizedTest
  @MethodSource("reasons")
  void aRuleThatDoesNotApply_saysAttributeValueAndPattern(
      String rule, Map<String, String> attributes, List<String> reasons) {
    List<Explanation.Part> parts = explain(rules(rule), attributes).rules();
    assertEquals(1, parts.size());
    assertInstanceOf(Explanation.DoesNot.class, parts.get(0));
    assertEquals(reasons, parts.get(0).reasons());
  }

  @Test
  void theFirstOverrideThatMatches_isNamedByNumberAndLine() {
    RuleTable table =
        table(
            """
            domain: edge
            rules:
              - name: other
                key: [ip]
                algorithm: sliding-log
                limit: 1
                window: 1s
              - name: per-user
                key: [user]
                algorithm: token-bucket
                rate: 100/s
                overrides:
                  - when: { plan: free }
                    rate: 1/s

                  - when: { plan: gold }
                    rate: 1000/s
                    candidate: { rate: 500/s }
                  - when: { user: alice }
                    rate: 7/s
            """);
    Explanation.OfRules explained = explain(table, Map.of("user", "alice", "plan", "gold"));
    assertEquals("edge.yaml", explained.file());
    assertEquals(
        List.of("other:3", "per-user:8"),
        explained.rules().stream().map(part -> part.name() + ":" + part.line()).toList());
    Explanation.Applies applies =
        assertInstanceOf(Explanation.Applies.class, explained.rules().get(1));
    assertEquals(Optional.of(new Explanation.WinningOverride(2, 16)), applies.override());
    assertEquals(List.of("override 2 (line 16) decides"), applies.reasons());
    assertEquals(1000, applies.rule().limit().limit());
    assertEquals(
        List.of("token-bucket 500/s, burst 500"),
        applies.candidate().stream().map(candidate -> LimitSyntax.text(candidate)).toList());
    Explanation.Part without = explain(table, Map.of("user", "bob")).rules().get(1);
    assertEquals(Optional.empty(), without.override());
    assertEquals(List.of(), without.reasons());
  }

  @Test
  void ofManyRulesThatDoNotApply_theFirstAreListed_andTheRestCounted() {
    String[] fields = new String[DomainExplainer.MOST_LISTED + 8];
    Arrays.fill(fields, "when: { user: bob }");
    fields[0] = "key: []";
    fields[fields.length - 1] = "key: [user]";
    Explanation.OfRules explained = explain(rules(fields), Map.of("user", "alice"));
    assertEquals(DomainExplainer.MOST_LISTED + 2, explained.rules().size());
    assertEquals(6, explained.notListed());
    assertEquals(
        "r" + (fields.length - 1), explained.rules().get(DomainExplainer.MOST_LISTED + 1).name());
  }

  @Test
  void ofEntriesWithOneKey_theLastCounts() {
    List<Descriptor.Entry> twice =
        List.of(new Descriptor.Entry("user", "bob"), new Descriptor.Entry("user", "alice"));
    Explanation explained = rules("when: { user: alice }").domain("edge").explain(twice);
    assertInstanceOf(
        Explanation.Applies.class,
        assertInstanceOf(Explanation.OfRules.class, explained).rules().get(0));
  }

  @Test
  void anUnknownDomain_isSaidToBe() {
    assertEquals(
        new Explanation.UnknownDomain(Optional.empty()),
        RuleTable.EMPTY.domain("edge").explain(List.of()));
  }

  @Test
  void whatIsExplained_isWhatIsDecided() {
    long seed = 7;
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      String[] fields = new String[1 + random.nextInt(12)];
      Arrays.setAll(fields, i -> randomRule(random));
      RuleTable table = rules(fields);
      for (int i = 0; i < 20; i++) {
        Map<String, String> attributes = randomAttributes(random);
        String of = "seed %d: %s of %s".formatted(seed, attributes, List.of(fields));
        List<Rule> applying = new ArrayList<>();
        Explanation.OfRules explained = explain(table, attributes);
        for (Explanation.Part part : explained.rules()) {
          if (part instanceof Explanation.Applies applies) {
            applying.add(applies.rule());
            applies.candidate().ifPresent(applying::add);
          } else {
            assertFalse(part.reasons().isEmpty(), of);
          }
        }
        assertEquals(fields.length, explained.rules().size(), of);
        assertEquals(Matching.rules(table, "edge", attributes), applying, of);
      }
    }
  }

  private static String randomRule(Random random) {
    List<String> effects =
        List.of(
            "limit: 9", "unlimited: true", "mode: off", "mode: shadow", "candidate: {limit: 8}");
    List<String> overrides = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      // An override of a rule that is off stays off unless it says otherwise.
      String effect = effects.get(random.nextInt(effects.size()));
      String mode = effect.startsWith("candidate") ? ", mode: enforce" : "";
      overrides.add("{ when: %s, %s%s }".formatted(randomWhen(random), effect, mode));
    }
    return "key: %s, when: %s, mode: %s, overrides: %s"
        .formatted(
            List.of("[]", "[a]", "[b]").get(random.nextInt(3)),
            random.nextInt(3) == 0 ? "{}" : randomWhen(random),
            List.of("enforce", "shadow", "off").get(random.nextInt(3)),
            overrides);
  }

  private static String randomWhen(Random random) {
    List<String> patterns =
        List.of("x", "\"!x\"", "\"y*\"", "[x, \"!yy\"]", "10.0.0.0/8", "\"!10.0.0.0/8\"");
    String first = "a: " + patterns.get(random.nextInt(patterns.size()));
    return random.nextBoolean()
        ? "{ " + first + " }"
        : "{ %s, b: %s }".formatted(first, patterns.get(random.nextInt(patterns.size())));
  }

  private static Map<String, String> randomAttributes(Random random) {
    List<String> values = List.of("x", "y", "yy", "z", "10.0.0.1");
    Map<String, String> attributes = new TreeMap<>();
    for (String name : List.of("a", "b")) {
      if (random.nextInt(4) > 0) {
        attributes.put(name, values.get(random.nextInt(values.size())));
      }
    }
    return attributes;
  }
}
