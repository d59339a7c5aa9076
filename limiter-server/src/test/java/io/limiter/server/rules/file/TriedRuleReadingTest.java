package io.limiter.server.rules.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.LeakyBucket;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;
import io.limiter.algorithm.Window;
import io.limiter.server.rules.Levels;
import io.limiter.server.rules.Matching;
import io.limiter.server.rules.Rule;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code candidate} and {@code enforce} are compiled to. */
class TriedRuleReadingTest {
  private static final long SECOND = 1_000_000;
  private static final Map<String, String> ALICE = Map.of("user", "alice");

  private static List<Rule> match(String rules, Map<String, String> attributes) {
    String text = "domain: edge\nrules:\n" + rules.indent(2);
    LoadedRules loaded = RuleFiles.load(List.of(new RuleFiles.Source("edge.yaml", text)));
    assertEquals(List.of(), loaded.problems());
    return Matching.rules(loaded.table(), "edge", attributes);
  }

  private static Map<String, String> alice(String plan) {
    return Map.of("user", "alice", "plan", plan);
  }

  /** The limit of the only candidate of rule r, whose other fields are {@code fields}. */
  private static Limit candidate(String fields) {
    List<Rule> rules = match("- name: r\n  key: [user]\n" + fields.indent(2), ALICE);
    assertEquals(
        List.of(Rule.Mode.ENFORCE, Rule.Mode.CANDIDATE), rules.stream().map(Rule::mode).toList());
    return rules.get(1).limit();
  }

  @Test
  void candidate_standsRightBehindItsRule_andDiffersInLimitAndModeAlone() {
    List<Rule> rules =
        match(
            """
            - name: a
              key: [user]
              unit: tokens
              hash: true
              ip-prefix: { v6: 56 }
              on-redis-failure: open
              algorithm: fixed-window
              limit: 5
              window: 1s
              candidate: { limit: 7 }
            - name: b
              algorithm: fixed-window
              limit: 9
              window: 1s
              mode: shadow
              candidate: { limit: 11 }
            """,
            ALICE);
    assertEquals(
        List.of("a ENFORCED 5", "a CANDIDATE 7", "b SHADOW 9", "b CANDIDATE 11"),
        rules.stream()
            .map(rule -> rule.name() + " " + rule.mode().role() + " " + rule.limit().limit())
            .toList());
    Rule live = rules.get(0);
    assertEquals(
        new Rule(
            live.name(),
            live.key(),
            FixedWindow.per(SECOND, 7),
            Rule.Mode.CANDIDATE,
            live.unit(),
            live.keying(),
            live.onFailure()),
        rules.get(1));
  }

  @Test
  void aSpread_isReadInHundredthsOfAPercent_andNoneIsTheDefault() {
    List<Rule> rules =
        match(
            """
            - name: a
              key: [user]
              retry-spread: 12.5%
              algorithm: fixed-window
              limit: 5
              window: 1s
            - name: b
              algorithm: fixed-window
              limit: 9
              window: 1s
            """,
            ALICE);
    assertEquals(
        List.of(1250, 0), rules.stream().map(rule -> rule.sharing().retrySpread()).toList());
  }

  /** A candidate tries numbers, and the upstream has its own. */
  @Test
  void aRuleThatLearns_isReadAsOne_itsCandidateIsNot() {
    List<Rule> rules =
        match(
            """
            - name: a
              key: [user]
              learn: true
              algorithm: fixed-window
              limit: 5
              window: 1s
              candidate: { limit: 7 }
            - name: b
              algorithm: fixed-window
              limit: 9
              window: 1s
            """,
            ALICE);
    assertEquals(List.of(true, false, false), rules.stream().map(Rule::learns).toList());
  }

  @Test
  void levels_areOfTheRulesOwnLimit_andOfItsCandidates() {
    List<Rule> rules =
        match(
            """
            - name: a
              key: [user]
              priorities: { interactive: 100%, default: 80%, batch: 12.5% }
              degrade-above: 80%
              soft: [50%, 95%]
              algorithm: fixed-window
              limit: 80
              window: 1s
              candidate: { limit: 800 }
            """,
            ALICE);
    Levels levels =
        new Levels(
            80,
            Map.of("interactive", 10_000, "default", 8_000, "batch", 1_250),
            8_000,
            List.of(5_000, 9_500));
    assertEquals(
        List.of(levels, levels.of(800)),
        rules.stream().map(rule -> rule.sharing().levels()).toList());
    assertEquals(10, rules.get(0).forPriority("batch").limit().limit());
    assertEquals(100, rules.get(1).forPriority("batch").limit().limit());
  }

  @Test
  void whatACandidateDoesNotSay_isAsInItsRule() {
    String bucket = "algorithm: token-bucket\nrate: 100/s\nburst: 30\ncandidate: ";
    assertEquals(TokenBucket.of(50, SECOND, 30), candidate(bucket + "{ rate: 50/s }"));
    assertEquals(TokenBucket.of(100, SECOND, 40), candidate(bucket + "{ burst: 40 }"));
    String month =
        "algorithm: fixed-window\nlimit: 3\nwindow: month\nzone: Europe/Berlin\ncandidate: ";
    assertEquals(
        new FixedWindow(
            3, new Window.Calendar(Window.Calendar.Unit.DAY, ZoneId.of("Europe/Berlin"))),
        candidate(month + "{ window: day }"));
    assertEquals(FixedWindow.per(SECOND, 3), candidate(month + "{ window: 1s }"));
  }

  @Test
  void candidateOfAnotherAlgorithm_takesTheNumbersThatThisTakes() {
    String bucket = "algorithm: token-bucket\nrate: 100/s\nburst: 30\ncandidate: ";
    assertEquals(
        LeakyBucket.of(100, SECOND, 20),
        candidate(bucket + "{ algorithm: leaky-bucket, capacity: 20 }"));
    assertEquals(
        new SlidingLog(5, SECOND),
        candidate(bucket + "{ algorithm: sliding-log, limit: 5, window: 1s }"));
    String window = "algorithm: fixed-window\nlimit: 5\nwindow: 1s\ncandidate: ";
    assertEquals(new SlidingLog(5, SECOND), candidate(window + "{ algorithm: sliding-log }"));
  }

  @Test
  void override_hasTheCandidateThatItSaysItself_orNone() {
    String rules =
        """
        - name: r
          key: [user]
          algorithm: fixed-window
          limit: 5
          window: 1s
          candidate: { limit: 6 }
          overrides:
            - when: { plan: gold }
              limit: 50
              candidate: { window: 2s }
            - when: { plan: tin }
              limit: 4
            - when: { plan: lead }
              candidate: { limit: 3 }
        """;
    assertEquals(limits(5, 6), limits(match(rules, ALICE)));
    assertEquals(
        List.of(FixedWindow.per(SECOND, 50), FixedWindow.per(2 * SECOND, 50)),
        limits(match(rules, alice("gold"))));
    assertEquals(limits(4), limits(match(rules, alice("tin"))));
    assertEquals(limits(5, 3), limits(match(rules, alice("lead"))));
  }

  @ParameterizedTest
  @CsvSource({"0%, 0", "0.01%, 1", "0.25%, 25", "0.5%, 50", "10%, 1000", "99.99%, 9999"})
  void share_isReadInHundredthsOfAPercent(String written, int basisPoints) {
    Rule rule = match(rule("key: [user]\n  enforce: " + written), ALICE).get(0);
    assertEquals(Rule.Mode.enforcedFor(basisPoints), rule.mode());
  }

  @Test
  void wholeShare_isPlainlyEnforced_alsoWithoutAKey() {
    assertEquals(Rule.Mode.ENFORCE, match(rule("enforce: 100%"), ALICE).get(0).mode());
    assertEquals(Rule.Mode.ENFORCE, match(rule("enforce: 100.00%"), ALICE).get(0).mode());
  }

  @Test
  void share_isInherited_unlessTheOverrideHasAModeOfItsOwn() {
    String rules =
        rule(
            """
            key: [user]
              enforce: 10%
              candidate: { limit: 6 }
              overrides:
                - { when: { plan: gold }, limit: 50, candidate: { limit: 60 } }
                - { when: { plan: tin }, mode: enforce }
                - { when: { plan: lead }, mode: shadow }\
            """);
    Rule.Mode tenth = Rule.Mode.enforcedFor(1_000);
    assertEquals(List.of(tenth, Rule.Mode.CANDIDATE), modes(rules, ALICE));
    assertEquals(List.of(tenth, Rule.Mode.CANDIDATE), modes(rules, alice("gold")));
    assertEquals(List.of(Rule.Mode.ENFORCE), modes(rules, alice("tin")));
    assertEquals(List.of(Rule.Mode.SHADOW), modes(rules, alice("lead")));
  }

  private static String rule(String fields) {
    return """
    - name: r
      algorithm: fixed-window
      limit: 5
      window: 1s
      %s
    """
        .formatted(fields);
  }

  private static List<Rule.Mode> modes(String rules, Map<String, String> attributes) {
    return match(rules, attributes).stream().map(Rule::mode).toList();
  }

  private static List<Limit> limits(List<Rule> rules) {
    return rules.stream().map(Rule::limit).toList();
  }

  private static List<Limit> limits(long... perSecond) {
    return java.util.Arrays.stream(perSecond)
        .<Limit>mapToObj(limit -> FixedWindow.per(SECOND, limit))
        .toList();
  }
}
