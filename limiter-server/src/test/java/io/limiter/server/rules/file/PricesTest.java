package io.limiter.server.rules.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.rules.Domain;
import io.limiter.server.rules.PriceList;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.RulesUnreadableException;
import io.limiter.server.rules.table.RuleTable;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Files of prices beside files of rules. */
class PricesTest {
  private static String prices(String name, double large) {
    return """
    prices: %s
    key: model
    entries:
      small: { tokens: 0.15 }
      large: { tokens: %s }
    default: { tokens: 15 }
    """
        .formatted(name, large);
  }

  /** A domain of one rule, whose charge stands in line 3. */
  private static String domain(String name, String charge, String more) {
    return """
    domain: %s
    rules:
      - { name: r, algorithm: fixed-window, limit: 5, window: 1m, unit: usd, charge: %s%s }
    """
        .formatted(name, charge, more);
  }

  private static LoadedRules load(Map<String, String> files) {
    return RuleFiles.load(
        new TreeMap<>(files)
            .entrySet().stream()
                .map(file -> new RuleFiles.Source(file.getKey(), file.getValue()))
                .toList());
  }

  private static String texts(List<?> lines) {
    return String.join("\n", lines.stream().map(Object::toString).toList());
  }

  private static List<Rule> rules(RuleTable table, String domain, Map<String, String> attributes) {
    return ((Domain.OfRules) table.domain(domain)).match(attributes).rules();
  }

  /** What a token costs, in millionths. */
  private static long cost(RuleTable table, String domain, String model) {
    Map<String, String> attributes = Map.of("model", model);
    Rule rule = rules(table, domain, attributes).get(0);
    return rule.tariff().cost(0, Map.of("tokens", 1L), attributes);
  }

  @Test
  void rulesOfAnyDomain_areChargedByOneList_whicheverFileIsReadFirst() {
    for (String file : List.of("a.yaml", "z.yaml")) {
      LoadedRules loaded =
          load(
              Map.of(
                  file,
                  prices("models", 3),
                  "one.yaml",
                  domain("one", "models", ", candidate: { limit: 4 }"),
                  "two.yaml",
                  domain("two", "models", ", mode: shadow")));
      assertEquals("", texts(loaded.problems()) + texts(loaded.warnings()));
      RuleTable table = loaded.table();
      for (String domain : List.of("one", "two")) {
        assertEquals(150_000, cost(table, domain, "small"));
        assertEquals(3_000_000, cost(table, domain, "large"));
        assertEquals(15_000_000, cost(table, domain, "new"));
      }
      PriceList list = table.prices("one").get(0);
      assertSame(list, table.prices("two").get(0));
      assertEquals(2, list.size());
      assertEquals(file, list.file());
      List<Rule> tried = rules(table, "one", Map.of());
      assertEquals(2, tried.size(), "a rule and its candidate");
      tried.forEach(rule -> assertSame(list, rule.tariff().prices()));
      assertEquals(List.of(), table.prices("three"));
    }
  }

  @Test
  void anOverride_hasWeightsOfItsOwn_orAnotherList_onEveryDay() {
    LoadedRules loaded =
        load(
            Map.of(
                "ai.yaml",
                """
                domain: ai
                rules:
                  - name: r
                    algorithm: fixed-window
                    limit: 5
                    window: month
                    from: "{day}"
                    unit: usd
                    charge: models
                    overrides:
                      - { when: { plan: own }, charge: { tokens: 7 } }
                      - { when: { plan: other }, charge: others }
                      - { when: { plan: more }, limit: 50 }
                """,
                "models.yaml",
                prices("models", 3),
                "others.yaml",
                prices("others", 4)));
    assertEquals("", texts(loaded.problems()) + texts(loaded.warnings()));
    Map.of("own", 7L, "other", 4L, "more", 3L, "none", 3L)
        .forEach(
            (plan, price) -> {
              Map<String, String> attributes = Map.of("model", "large", "plan", plan, "day", "31");
              Rule rule = rules(loaded.table(), "ai", attributes).get(0);
              assertEquals(
                  price * 1_000_000, rule.tariff().cost(0, Map.of("tokens", 1L), attributes), plan);
            });
  }

  @Test
  void aListOfAnotherName_isAProblemOfWhoNamesIt_eachTime() {
    String two = ", overrides: [{ when: { a: b }, charge: zzz }]";
    LoadedRules loaded =
        load(Map.of("ai.yaml", domain("ai", "modles", two), "p.yaml", prices("models", 3)));
    assertEquals(
        """
        ai.yaml:3:82: charge names prices "modles", which are in no file here; did you mean models?
        ai.yaml:3:128: charge names prices "zzz", which are in no file here; add a file of them,\
         or use a mapping from units to weights, such as { input_tokens: 3, output_tokens: 15 }""",
        texts(loaded.problems()));
    assertThrows(RulesUnreadableException.class, () -> loaded.table().domain("ai"));
  }

  @Test
  void aListInTwoFiles_isAProblemOfBoth_andOnceOfWhoNamesIt() {
    String again = ", overrides: [{ when: { a: b }, charge: models }]";
    LoadedRules loaded =
        load(
            Map.of(
                "a.yaml", prices("models", 3),
                "ai.yaml", domain("ai", "models", again),
                "b.yaml", prices("models", 3),
                "fine.yaml", domain("fine", "{ tokens: 1 }", "")));
    assertEquals(
        """
        a.yaml:1:9: prices "models" are also in b.yaml; rename or remove one
        ai.yaml:3:82: charge names prices "models" of a.yaml, which has problems; mend that file
        b.yaml:1:9: prices "models" are also in a.yaml; rename or remove one""",
        texts(loaded.problems()));
    assertEquals(Set.of("fine"), loaded.table().domains());
  }

  @Test
  void aListThatNobodyNames_isWarnedOf() {
    LoadedRules loaded = load(Map.of("p.yaml", prices("models", 3)));
    assertEquals("", texts(loaded.problems()));
    assertEquals(
        "p.yaml:1:9: no rule is charged by prices \"models\"; name them in charge, or remove the"
            + " file",
        texts(loaded.warnings()));
  }

  @Test
  void aBadList_leavesWhoNamesIt_atThePricesBefore_andOthersChange() {
    Map<String, String> files =
        new TreeMap<>(
            Map.of(
                "ai.yaml", domain("ai", "models", ""),
                "gone.yaml", domain("gone", "{ tokens: 1 }", ""),
                "own.yaml", domain("own", "{ tokens: 1 }", ""),
                "p.yaml", prices("models", 3)));
    RuleTable before = load(files).table();
    files.remove("gone.yaml");
    files.put("own.yaml", domain("own", "{ tokens: 2 }", ""));
    for (String bad : List.of("[4]", "-4", "0.0000001")) {
      files.put("p.yaml", prices("models", 4).replace("4.0", bad));
      LoadedRules loaded = load(files);
      assertNotEquals("", texts(loaded.problems()), bad);
      RuleTable after = loaded.orLastGood(before);
      assertEquals(Set.of("ai", "own"), after.domains(), bad);
      assertEquals(3_000_000, cost(after, "ai", "large"), bad);
      assertEquals(2_000_000, cost(after, "own", "large"), bad);
    }
    files.remove("p.yaml");
    assertEquals(3_000_000, cost(load(files).orLastGood(before), "ai", "large"));
    files.put("p.yaml", prices("models", 4));
    assertEquals(4_000_000, cost(load(files).orLastGood(before), "ai", "large"));
  }

  /** Nobody knows whose it is that cannot be read at all. */
  @Test
  void aListThatIsNoYaml_keepsEveryDomain() {
    RuleTable before =
        load(Map.of("a.yaml", domain("a", "models", ""), "p.yaml", prices("models", 3))).table();
    RuleTable after = load(Map.of("p.yaml", "prices: [")).orLastGood(before);
    assertEquals(Set.of("a"), after.domains());
  }

  @Test
  void aListOfTenThousand_isRead_andOneMoreIsNot() {
    for (int size : new int[] {10_000, 10_001}) {
      String entries =
          IntStream.range(0, size)
              .mapToObj(i -> "  m" + i + ": { tokens: 1 }\n")
              .collect(Collectors.joining());
      LoadedRules loaded =
          load(
              Map.of(
                  "a.yaml",
                  domain("a", "models", ""),
                  "p.yaml",
                  "prices: models\nkey: model\ndefault: { tokens: 9 }\nentries:\n" + entries));
      assertEquals(
          size == 10_000
              ? ""
              : """
              a.yaml:3:82: charge names prices "models" of p.yaml, which has problems; mend that file
              p.yaml:5:3: entries has 10001 prices; use at most 10000, or several lists""",
          texts(loaded.problems()));
      if (size == 10_000) {
        assertEquals(1_000_000, cost(loaded.table(), "a", "m9999"));
        assertEquals(9_000_000, cost(loaded.table(), "a", "m10000"));
      }
    }
  }

  @Test
  void theHeapOfAList_isCountedOnce() {
    Map<String, String> files =
        new TreeMap<>(Map.of("a.yaml", domain("a", "models", ""), "p.yaml", prices("models", 3)));
    RuleTable one = load(files).table();
    long list = Objects.requireNonNull(one.prices("a").get(0)).heapBytes();
    files.put("b.yaml", domain("b", "models", ""));
    long each = load(files).table().heapBytes() - one.heapBytes();
    assertEquals(one.heapBytes(), each + list);
    assertTrue(list > 500 && list < 10_000, () -> "list: " + list);
  }
}
