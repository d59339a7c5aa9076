package io.limiter.server.estimate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.rules.Domain;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EstimatesTest {
  private static final String RULES =
      """
      domain: llm
      rules:
        - name: plain
          when: { rule: plain }
          unit: tokens
          algorithm: fixed-window
          limit: 1000
          window: 1m
          hold: 1m
        - name: median
          when: { rule: median }
          unit: tokens
          algorithm: fixed-window
          limit: 1000
          window: 1m
          hold: 1m
          estimate: p50
          candidate: { algorithm: concurrency, limit: 3 }
        - name: money
          when: { rule: money }
          unit: usd
          charge: { tokens: 0.001 }
          algorithm: fixed-window
          limit: 1000
          window: 1m
          hold: 1m
          estimate: p99
      """;

  private static final Rule MEDIAN = rules("median").get(0);

  private final Estimates estimates = new Estimates();

  private static List<Rule> rules(String name) {
    LoadedRules loaded = RuleFiles.load(List.of(new RuleFiles.Source("llm.yaml", RULES)));
    assertEquals(List.of(), loaded.problems());
    Domain.OfRules domain = (Domain.OfRules) loaded.table().domain("llm");
    return domain.match(Map.of("rule", name)).rules();
  }

  private static String key(String rule, Object user) {
    return "limiter:{llm|0a1b2c3d}:" + rule + ":f:" + user;
  }

  private void settle(int times, String key, long guessed, long used) {
    for (int i = 0; i < times; i++) {
      estimates.learn(key, new Guess(guessed, guessed), guessed, used);
    }
  }

  private long held(Rule rule, String key, long guessed) {
    Guess guess = estimates.guess(rule, key, guessed);
    assertEquals(guessed, guess.guessed());
    return guess.held();
  }

  @Test
  void fewSettlements_correctNothing() {
    settle(Estimates.LEAST - 1, key("median", "a"), 1_000, 250);
    assertEquals(1_000, held(MEDIAN, key("median", "a"), 1_000));
    settle(1, key("median", "a"), 1_000, 250);
    assertEquals(250, held(MEDIAN, key("median", "a"), 1_000));
  }

  @Test
  void aKeyWithoutItsOwn_goesByAllOfTheRule_andByNoOther() {
    for (int user = 0; user < Estimates.LEAST; user++) {
      settle(1, key("median", user), 1_000, 250);
    }
    assertEquals(250, held(MEDIAN, key("median", "new"), 1_000));
    assertEquals(1_000, held(MEDIAN, key("median^", "new"), 1_000), "of its candidate");
    assertEquals(1_000, held(MEDIAN, key("other", "new"), 1_000));
    assertEquals(
        1_000, held(MEDIAN, key("median", "new").replace("{llm|", "{chat|"), 1_000), "domain");
    settle(Estimates.LEAST, key("median", "new"), 1_000, 500);
    assertEquals(500, held(MEDIAN, key("median", "new"), 1_000));
    assertTrue(estimates.factor(MEDIAN, key("median", "new")).ofKey());
    assertFalse(estimates.factor(MEDIAN, key("median", 3)).ofKey());
  }

  @Test
  void whatIsHeld_isFromASixtyFourthToTheGuess_andAtLeastOne() {
    settle(Estimates.LEAST, key("median", "zero"), 1_000, 0);
    assertEquals(100, held(MEDIAN, key("median", "zero"), 6_400));
    assertEquals(1, held(MEDIAN, key("median", "zero"), 1));
    assertEquals(1, held(MEDIAN, key("median", "zero"), 64));
    assertEquals(2, held(MEDIAN, key("median", "zero"), 65));
    assertEquals(1L << 46, held(MEDIAN, key("median", "zero"), 1L << 52));
    settle(Estimates.LEAST, key("median", "more"), 1_000, 1L << 52);
    assertEquals(6_400, held(MEDIAN, key("median", "more"), 6_400));
    assertEquals(1L << 52, held(MEDIAN, key("median", "more"), 1L << 52));
  }

  @Test
  void ofAWeightedSum_atLeastAWholeUnitIsHeld_orTheGuess() {
    Rule money = rules("money").get(0);
    settle(Estimates.LEAST, key("money", "a"), 1_000, 0);
    assertEquals(1_000_000, held(money, key("money", "a"), 2_000_000), "1 of 2");
    assertEquals(400, held(money, key("money", "a"), 400), "0.0004");
    assertEquals(2_000_000, held(money, key("money", "a"), 128_000_000));
  }

  @Test
  void whatAHoldGrewBy_countsAsGuessed() {
    for (int i = 0; i < Estimates.LEAST; i++) {
      estimates.learn(key("median", "a"), new Guess(1_000, 100), 1_100, 500);
    }
    assertEquals(250, held(MEDIAN, key("median", "a"), 1_000), "500 of 1000 and 1000 more");
  }

  @Test
  void receiptsThatNobodyWrote_teachNothingOutOfBounds() {
    Random random = new Random(7);
    long[] numbers = {Long.MIN_VALUE, -1, 0, 1, 1L << 52, (1L << 52) + 1, Long.MAX_VALUE};
    for (int i = 0; i < 10_000; i++) {
      estimates.learn(
          i % 2 == 0 ? key("median", "a") : "limiter:{" + i,
          new Guess(numbers[random.nextInt(7)], numbers[random.nextInt(7)]),
          random.nextInt(1_000),
          numbers[random.nextInt(7)]);
      Factor factor = estimates.factor(MEDIAN, key("median", "a"));
      assertTrue(factor.share() >= RatioSketch.LEAST && factor.share() <= 1, factor::toString);
    }
    settle(Estimates.LEAST, key("median", "b"), 0, 5);
    settle(Estimates.LEAST, key("median", "b"), -5, 5);
    settle(Estimates.LEAST, key("median", "b"), (1L << 52) + 1, 5);
    settle(Estimates.LEAST, key("median", "b"), 5, -5);
    assertFalse(estimates.factor(MEDIAN, key("median", "b")).ofKey());
  }

  @Test
  void onlySoManyCountersAreKnown_thoseThatWereUsedLast() {
    settle(Estimates.LEAST, key("median", "kept"), 1_000, 500);
    settle(Estimates.LEAST, key("median", "gone"), 1_000, 500);
    for (int user = 0; user < Estimates.MOST_KEYS + 100; user++) {
      settle(1, key("median", user), 1_000, 10);
      assertTrue(estimates.factor(MEDIAN, key("median", "kept")).ofKey());
    }
    assertEquals(Estimates.MOST_KEYS, estimates.counters());
    assertFalse(estimates.factor(MEDIAN, key("median", "gone")).ofKey());
    for (int rule = 0; rule < Estimates.MOST_RULES; rule++) {
      settle(1, key("r" + rule, "a"), 1_000, 10);
    }
    assertEquals(1_000, held(MEDIAN, key("median", "gone"), 1_000), "its rule is forgotten too");
  }

  @Test
  void guesses_areThoseOfRulesThatEstimate_andOfNoOther() {
    List<Rule> plain = rules("plain");
    assertEquals(
        List.of(),
        estimates.guesses(
            plain,
            () -> {
              throw new AssertionError("no key is needed");
            },
            rule -> 5));
    List<Rule> both = rules("median");
    assertEquals(2, both.size());
    settle(Estimates.LEAST, key("median", "a"), 1_000, 250);
    settle(Estimates.LEAST, key("median^", "a"), 1_000, 250);
    List<String> keys = List.of(key("median", "a"), key("median^", "a"));
    assertEquals(
        List.of(new Guess(100, 25), Guess.NONE), estimates.guesses(both, () -> keys, rule -> 100));
    assertEquals(List.of(Guess.NONE, Guess.NONE), estimates.guesses(both, () -> keys, rule -> 0));
  }

  @Test
  void aFactor_isToldInWords() {
    assertEquals("a guess is held whole until 20 settlements are known", Factor.WHOLE.text());
    assertEquals(
        "0.11 of a guess is held, by 200 settlements of this key",
        new Factor(0.1103, 200, /* ofKey= */ true).text());
    assertEquals(
        "1.0 of a guess is held, by 20 settlements of all keys",
        new Factor(1, 20, /* ofKey= */ false).text());
    assertEquals(
        "0.016 of a guess is held, by 20 settlements of all keys",
        new Factor(1.0 / 64, 20, /* ofKey= */ false).text());
  }
}
