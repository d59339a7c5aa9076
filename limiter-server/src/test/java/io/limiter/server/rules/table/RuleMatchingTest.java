package io.limiter.server.rules.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.LeakyBucket;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.SlidingCounter;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;
import io.limiter.algorithm.Window;
import io.limiter.ledger.FailureMode;
import io.limiter.server.key.Keying;
import io.limiter.server.rules.Domain;
import io.limiter.server.rules.Match;
import io.limiter.server.rules.Matching;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RuleMatchingTest {
  private static final long SECOND = 1_000_000;
  private static final long DAY = 86_400 * SECOND;

  private static RuleTable table(String rules) {
    String text = "domain: edge\npartition: [tenant]\nrules:\n" + rules.indent(2);
    LoadedRules loaded = RuleFiles.load(List.of(new RuleFiles.Source("edge.yaml", text)));
    assertEquals(List.of(), loaded.problems());
    return loaded.table();
  }

  private static List<Rule> match(String rules, Map<String, String> attributes) {
    return Matching.rules(table(rules), "edge", attributes);
  }

  private static List<String> names(RuleTable table, Map<String, String> attributes) {
    return Matching.rules(table, "edge", attributes).stream().map(Rule::name).toList();
  }

  private static String rule(String name, String fields) {
    return """
    - name: %s
      algorithm: fixed-window
      limit: 5
      window: 1m
      %s
    """
        .formatted(name, fields);
  }

  private static Limit limit(String fields, Map<String, String> attributes) {
    List<Rule> rules = match("- name: r\n" + fields.indent(2), attributes);
    assertEquals(1, rules.size());
    return rules.get(0).limit();
  }

  private static Limit limit(String fields) {
    return limit(fields, Map.of());
  }

  @Test
  void unknownDomain_isToldApartFromOneWhereNothingApplies() {
    RuleTable table = table(rule("a", "key: [user]"));
    assertSame(Domain.Unknown.INSTANCE, table.domain("other"));
    Match nothing = Matching.match(table, "edge", Map.of());
    assertEquals(List.of(), nothing.rules());
    assertEquals(List.of("tenant"), nothing.partition());
    assertEquals(List.of("tenant"), Matching.match(table, "edge", Map.of("user", "a")).partition());
    assertSame(Domain.Unknown.INSTANCE, RuleTable.EMPTY.domain("edge"));
  }

  @Test
  void counts_areOfAllRulesOfADomain() {
    RuleTable table = table(rule("a", "") + rule("b", "mode: off"));
    assertEquals(2, table.ruleCount("edge"));
    assertEquals(0, table.ruleCount("other"));
    assertEquals(List.of("edge"), List.copyOf(table.domains()));
  }

  @Test
  void rule_appliesWhenEveryKeyAttributeIsThere() {
    RuleTable table = table(rule("both", "key: [tenant, user]") + rule("all", "key: []"));
    assertEquals(List.of("both", "all"), names(table, Map.of("tenant", "", "user", "u")));
    assertEquals(List.of("all"), names(table, Map.of("tenant", "t")));
  }

  @Test
  void list_matchesWhenOnePositiveDoesAndNoNegated() {
    RuleTable table = table(rule("r", "when: { path: [\"/v1/*\", /health, \"!/v1/private/*\"] }"));
    assertEquals(List.of("r"), names(table, Map.of("path", "/v1/users")));
    assertEquals(List.of("r"), names(table, Map.of("path", "/health")));
    assertEquals(List.of(), names(table, Map.of("path", "/v1/private/x")));
    assertEquals(List.of(), names(table, Map.of("path", "/v2")));
    assertEquals(List.of(), names(table, Map.of()));
  }

  @Test
  void absentAttribute_satisfiesOnlyPureNegations() {
    RuleTable table =
        table(
            rule("negated", "when: { plan: \"!free\" }")
                + rule("keyed", "when: { plan: \"!free\" }\n  key: [plan]")
                + rule("any", "when: { plan: \"*\" }"));
    assertEquals(List.of("negated"), names(table, Map.of()));
    assertEquals(List.of("any"), names(table, Map.of("plan", "free")));
    assertEquals(List.of("negated", "keyed", "any"), names(table, Map.of("plan", "gold")));
  }

  @Test
  void everyAttributeOfWhen_mustMatch() {
    RuleTable table = table(rule("r", "when: { plan: gold, ip: 10.0.0.0/8 }"));
    assertEquals(List.of("r"), names(table, Map.of("plan", "gold", "ip", "10.1.1.1")));
    assertEquals(List.of(), names(table, Map.of("plan", "gold", "ip", "11.1.1.1")));
    assertEquals(List.of(), names(table, Map.of("plan", "tin", "ip", "10.1.1.1")));
    assertEquals(List.of(), names(table, Map.of("ip", "10.1.1.1")));
  }

  @Test
  void values_areTheCharactersInTheFile() {
    RuleTable table = table(rule("r", "when: { debug: off, code: 007 }"));
    assertEquals(List.of("r"), names(table, Map.of("debug", "off", "code", "007")));
  }

  @Test
  void firstOverrideThatMatches_decides() {
    String rules =
        """
        - name: r
          algorithm: token-bucket
          rate: 5/s
          burst: 9
          overrides:
            - when: { user: probe }
              unlimited: true
            - when: { plan: gold }
              rate: 50/s
            - when: { plan: [gold, silver] }
              burst: 20
              mode: shadow
            - when: { plan: lead }
              mode: off
        """;
    assertEquals(List.of(), match(rules, Map.of("user", "probe", "plan", "gold")));
    assertEquals(
        TokenBucket.of(50, SECOND, 9), match(rules, Map.of("plan", "gold")).get(0).limit());
    Rule silver = match(rules, Map.of("plan", "silver")).get(0);
    assertEquals(TokenBucket.of(5, SECOND, 20), silver.limit());
    assertEquals(Rule.Mode.SHADOW, silver.mode());
    assertEquals(List.of(), match(rules, Map.of("plan", "lead")));
    Rule tin = match(rules, Map.of("plan", "tin")).get(0);
    assertEquals(TokenBucket.of(5, SECOND, 9), tin.limit());
    assertEquals(Rule.Mode.ENFORCE, tin.mode());
  }

  @Test
  void override_isMadeOnce_notForEachRequest() {
    RuleTable table = table(rule("r", "overrides: [{ when: { plan: gold }, limit: 50 }]"));
    Map<String, String> gold = Map.of("plan", "gold");
    assertSame(
        Matching.rules(table, "edge", gold).get(0), Matching.rules(table, "edge", gold).get(0));
  }

  @Test
  void ruleThatIsOffOrUnlimited_countsOnlyWhereAnOverrideSaysSo() {
    RuleTable table =
        table(
            rule("off", "mode: \"off\"\n  overrides: [{ when: { plan: gold }, mode: enforce }]")
                + rule("free", "unlimited: true\n  overrides: [{ when: { plan: gold }, limit: 1 }]")
                + rule("gone", "mode: off"));
    assertEquals(List.of(), names(table, Map.of()));
    assertEquals(List.of("off", "free"), names(table, Map.of("plan", "gold")));
  }

  @Test
  void defaultBurst_followsTheRate_alsoOfAnOverride() {
    String fields =
        """
        algorithm: token-bucket
        rate: 100/m
        overrides: [{ when: { plan: gold }, rate: 1_000/m }]
        """;
    assertEquals(TokenBucket.of(100, 60 * SECOND, 100), limit(fields));
    assertEquals(TokenBucket.of(1000, 60 * SECOND, 1000), limit(fields, Map.of("plan", "gold")));
  }

  @Test
  void numbers_areReadInEveryForm() {
    assertEquals(
        TokenBucket.of(5, 10 * SECOND, 7), limit("algorithm: token-bucket\nrate: 5/10s\nburst: 7"));
    assertEquals(
        LeakyBucket.of(1_000, DAY, 20),
        limit("algorithm: leaky-bucket\nrate: 1_000/d\ncapacity: 20"));
    assertEquals(
        LeakyBucket.of(3, 250_000, 0),
        limit("algorithm: leaky-bucket\nrate: 3/250ms\ncapacity: 0"));
    assertEquals(new SlidingLog(0, 1_000), limit("algorithm: sliding-log\nlimit: 0\nwindow: 1ms"));
    assertEquals(
        new SlidingCounter(10_000, 7 * DAY),
        limit("algorithm: sliding-counter\nlimit: 10_000\nwindow: 7d"));
    assertEquals(
        FixedWindow.per(3_600 * SECOND, 1), limit("algorithm: fixed-window\nlimit: 1\nwindow: 1h"));
  }

  @Test
  void calendarWindow_isInUtcUnlessAZoneIsGiven_whichOverridesMayDropOrChange() {
    assertEquals(
        new FixedWindow(1, new Window.Calendar(Window.Calendar.Unit.DAY, ZoneOffset.UTC)),
        limit("algorithm: fixed-window\nlimit: 1\nwindow: day"));
    String fields =
        """
        algorithm: fixed-window
        limit: 1
        window: month
        zone: Europe/Berlin
        overrides:
          - when: { plan: week }
            window: week
          - when: { plan: span }
            window: 1h
          - when: { plan: tokyo }
            zone: Asia/Tokyo
        """;
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    assertEquals(
        new FixedWindow(1, new Window.Calendar(Window.Calendar.Unit.MONTH, berlin)), limit(fields));
    assertEquals(
        new FixedWindow(1, new Window.Calendar(Window.Calendar.Unit.WEEK, berlin)),
        limit(fields, Map.of("plan", "week")));
    assertEquals(FixedWindow.per(3_600 * SECOND, 1), limit(fields, Map.of("plan", "span")));
    assertEquals(
        new FixedWindow(
            1, new Window.Calendar(Window.Calendar.Unit.MONTH, ZoneId.of("Asia/Tokyo"))),
        limit(fields, Map.of("plan", "tokyo")));
  }

  @Test
  void rule_carriesWhatTheFileSays() {
    Rule rule =
        match(
                rule(
                    "r",
                    """
                    key: [ip, user]
                      unit: tokens
                      hash: true
                      ip-prefix: { v6: 56 }
                      mode: shadow
                      on-redis-failure: open\
                    """),
                Map.of("ip", "::1", "user", "u"))
            .get(0);
    assertEquals(
        new Rule(
            "r",
            List.of("ip", "user"),
            FixedWindow.per(60 * SECOND, 5),
            Rule.Mode.SHADOW,
            "tokens",
            new Keying(true, 32, 56, false),
            FailureMode.OPEN),
        rule);
    Rule plain = match(rule("r", ""), Map.of()).get(0);
    assertEquals(Keying.PLAIN, plain.keying());
    assertEquals("", plain.unit());
    assertEquals(FailureMode.LOCAL, plain.onFailure());
  }

  @Test
  void alias_repeatsWhatItNames() {
    String rules =
        rule("a", "overrides: &gold [{ when: { plan: gold }, limit: 50 }]")
            + rule("b", "overrides: *gold");
    assertEquals(
        List.of(50L, 50L),
        match(rules, Map.of("plan", "gold")).stream().map(rule -> rule.limit().limit()).toList());
  }
}
