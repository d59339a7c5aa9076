package io.limiter.server.rules.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.TokenBucket;
import io.limiter.algorithm.Window;
import io.limiter.server.key.CounterKeys;
import io.limiter.server.key.ValueHash;
import io.limiter.server.rules.Matching;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.Tariff;
import io.limiter.share.ShareTerms;
import io.limiter.share.SharedLimit;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What {@code share} is compiled to. */
class SharedRuleReadingTest {
  private static final String RULES =
      """
      domain: edge
      rules:
        - name: pool
          key: [model]
          algorithm: token-bucket
          rate: 100/s
          share: { key: [org, team], guarantee: 2.5%, weight: 2 }
          overrides:
            - when: { org: gold }
              share: { guarantee: 30% }
            - when: { org: trial }
              share: { weight: 7, borrow: false }
      """;

  private static final String MONEY =
      """
      domain: edge
      rules:
        - name: budget
          algorithm: fixed-window
          limit: 25_000_000
          window: month
          from: "{day}"
          unit: micro_usd
          charge: { input_tokens: 3, output_tokens: 0.5 }
          share: { key: [team], guarantee: 10% }
          overrides:
            - when: { team: gold }
              charge: { input_tokens: 1 }
              share: { guarantee: 30% }
      """;

  private static List<Rule> match(Map<String, String> attributes) {
    return match(RULES, attributes);
  }

  private static List<Rule> match(String rules, Map<String, String> attributes) {
    LoadedRules loaded = RuleFiles.load(List.of(new RuleFiles.Source("edge.yaml", rules)));
    assertEquals(List.of(), loaded.problems());
    return Matching.rules(loaded.table(), "edge", attributes);
  }

  private static Map<String, String> from(String org) {
    return Map.of("model", "m", "org", org, "team", "a:b");
  }

  private static void assertShared(String org, ShareTerms terms, String text) {
    Rule rule = match(from(org)).get(0);
    assertEquals(
        new SharedLimit(TokenBucket.of(100, 1_000_000, 100), terms, org + ":a%3Ab"),
        rule.limitFor(ValueHash.PLAIN, from(org)));
    assertEquals("token-bucket 100/s, burst 100, shared by org, team: " + text, rule.limitText());
  }

  @Test
  void overrides_sayWhatDiffers() {
    assertShared("some", new ShareTerms(250, 2, true), "guarantee 2.5%, weight 2");
    assertShared("gold", new ShareTerms(3_000, 2, true), "guarantee 30%, weight 2");
    assertShared(
        "trial", new ShareTerms(250, 7, false), "guarantee 2.5%, weight 7, borrows nothing");
  }

  @Test
  void allTenants_haveOneCounter() {
    String one =
        CounterKeys.counter(
            ValueHash.PLAIN, "edge", List.of(), match(from("gold")).get(0), from("gold"));
    String other =
        CounterKeys.counter(
            ValueHash.PLAIN, "edge", List.of(), match(from("some")).get(0), from("some"));
    assertEquals(one, other);
  }

  @Test
  void withoutATenant_aRequestIsNoneOfTheRules() {
    assertEquals(List.of(), match(Map.of("model", "m", "org", "gold")));
  }

  private static void assertMoney(String team, long cost, int guarantee, String text) {
    Map<String, String> attributes = Map.of("team", team, "day", "15");
    Rule rule = match(MONEY, attributes).get(0);
    assertEquals(
        new SharedLimit(
            new FixedWindow(
                25_000_000 * Tariff.MILLIONTHS,
                new Window.Calendar(Window.Calendar.Unit.MONTH, ZoneOffset.UTC, 15)),
            new ShareTerms(guarantee, 1, true),
            team),
        rule.limitFor(ValueHash.PLAIN, attributes));
    assertEquals(cost, rule.tariff().cost(1, Map.of("input_tokens", 10L, "output_tokens", 1L)));
    assertEquals(
        "fixed-window 25000000 per month from day 15 in Z, charge " + text, rule.limitText());
  }

  @Test
  void chargesAndBillingDays_areThoseOfTheSharedLimit() {
    assertMoney(
        "some",
        30_500_000,
        1_000,
        "input_tokens 3, output_tokens 0.5, shared by team: guarantee 10%, weight 1");
    assertMoney(
        "gold", 10_000_000, 3_000, "input_tokens 1, shared by team: guarantee 30%, weight 1");
  }
}
