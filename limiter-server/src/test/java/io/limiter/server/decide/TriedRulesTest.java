package io.limiter.server.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.LeakyBucket;
import io.limiter.algorithm.Limit;
import io.limiter.ledger.FailureMode;
import io.limiter.ledger.Role;
import io.limiter.server.key.CounterKeys;
import io.limiter.server.key.Keying;
import io.limiter.server.rules.Rule;
import io.limiter.server.store.local.LocalCounterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Candidates beside live rules, and rules that are enforced for a share of their keys. */
class TriedRulesTest {
  private static final long HOUR_MICROS = 3_600_000_000L;
  private static final Map<String, String> ALICE = Map.of("user", "alice");

  private final LocalCounterStore store = new LocalCounterStore(() -> 1_766_666_400_000_000L);

  @Test
  void candidate_neitherDenies_norDelays_norPutsOff() {
    Limiter strict =
        over(
            rule("a", fixed(5), Rule.Mode.ENFORCE),
            rule("a", LeakyBucket.of(1, HOUR_MICROS, 3), Rule.Mode.CANDIDATE));
    assertEquals(0, decide(strict, "alice", 3).delayMicros());
    Verdict denied = decide(strict, "alice", 1);
    assertTrue(denied.allowed());
    assertFalse(denied.statuses().get(1).outcome().admits());
    assertEquals(OptionalLong.empty(), denied.retryAfterMicros());

    Limiter slow =
        over(
            rule("b", LeakyBucket.of(1, 1_000_000, 2), Rule.Mode.ENFORCE),
            rule("b", LeakyBucket.of(1, HOUR_MICROS, 9), Rule.Mode.CANDIDATE));
    assertEquals(0, decide(slow, "alice", 1).delayMicros());
    assertEquals(1_000_000, decide(slow, "alice", 1).delayMicros());
    assertEquals(OptionalLong.of(1_000_000), decide(slow, "alice", 1).retryAfterMicros());
    // Never in the candidate's eyes, and soon in its rule's.
    assertEquals(
        OptionalLong.of(1_000_000),
        decide(
                over(
                    rule("b", LeakyBucket.of(1, 1_000_000, 2), Rule.Mode.ENFORCE),
                    rule("b", fixed(0), Rule.Mode.CANDIDATE)),
                "alice",
                1)
            .retryAfterMicros());
  }

  @Test
  void candidate_countsWhatItsRuleAloneDenies() {
    Limiter limiter =
        over(rule("a", fixed(2), Rule.Mode.ENFORCE), rule("a", fixed(5), Rule.Mode.CANDIDATE));
    List<Long> left = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      left.add(decide(limiter, "alice", 1).statuses().get(1).outcome().remaining());
    }
    assertEquals(List.of(4L, 3L, 2L, 1L, 0L, 0L), left);
  }

  @Test
  void reset_forgetsTheCandidateTogetherWithItsRule() {
    Limiter limiter =
        over(
            rule("a", fixed(9), Rule.Mode.ENFORCE),
            rule("a", fixed(7), Rule.Mode.CANDIDATE),
            rule("b", fixed(9), Rule.Mode.ENFORCE),
            rule("b", fixed(7), Rule.Mode.CANDIDATE));
    decide(limiter, "alice", 2);
    assertEquals(2, join(limiter.reset(new Selection("edge", ALICE, List.of("a")))));
    assertEquals(List.of(9L, 7L, 7L, 5L), remaining(decide(limiter, "alice", 0)));
    assertEquals(2, join(limiter.reset(new Selection("edge", ALICE, List.of()))));
    assertEquals(List.of(9L, 7L, 9L, 7L), remaining(decide(limiter, "alice", 0)));
  }

  @Test
  void rollout_isEnforcedForTheChosenKeys_andShadowForTheOthers() {
    Rule rule = rule("a", fixed(0), Rule.Mode.enforcedFor(1_000));
    Limiter limiter = over(rule);
    int chosen = 0;
    for (int i = 0; i < 1_000; i++) {
      String user = "user-" + i;
      boolean enforced = CounterKeys.share("edge", rule, Map.of("user", user)) < 1_000;
      Verdict verdict = decide(limiter, user, 1);
      assertEquals(!enforced, verdict.allowed(), user);
      assertEquals(enforced ? Role.ENFORCED : Role.SHADOW, verdict.statuses().get(0).role(), user);
      assertFalse(verdict.statuses().get(0).outcome().admits(), user);
      chosen += enforced ? 1 : 0;
    }
    assertEquals(100, chosen);
  }

  @Test
  void rollout_onlyGrows_fromNobodyToEverybody() {
    int[] shares = {0, 25, 1_000, 2_000, 9_999, 10_000};
    for (int i = 0; i < 2_000; i++) {
      String user = "user-" + i;
      boolean enforced = false;
      for (int share : shares) {
        boolean now = isEnforced(share, user);
        assertTrue(now || !enforced, () -> user + " is let go at " + share + " basis points");
        enforced = now;
      }
      assertFalse(isEnforced(0, user), user);
      assertTrue(enforced, user);
    }
  }

  @Test
  void rollout_includesAsManyPlacesAsItsShareSays() {
    String first = userAt(0);
    assertFalse(isEnforced(0, first), first);
    assertTrue(isEnforced(1, first), first);
    String last = userAt(9_999);
    assertFalse(isEnforced(9_999, last), last);
    assertTrue(isEnforced(10_000, last), last);
  }

  private static String userAt(int place) {
    Rule rule = rule("a", fixed(0), Rule.Mode.ENFORCE);
    return Stream.iterate(0, i -> i + 1)
        .map(i -> "user-" + i)
        .filter(user -> CounterKeys.share("edge", rule, Map.of("user", user)) == place)
        .findFirst()
        .orElseThrow();
  }

  private static boolean isEnforced(int basisPoints, String user) {
    Rule rule = rule("a", fixed(0), Rule.Mode.enforcedFor(basisPoints));
    return rule.roleFor("edge", Map.of("user", user)) == Role.ENFORCED;
  }

  @Test
  void candidateOfARollout_isOne_forEveryKey() {
    Limiter limiter =
        over(
            rule("a", fixed(1), Rule.Mode.enforcedFor(1_000)),
            rule("a", fixed(2), Rule.Mode.CANDIDATE));
    for (int i = 0; i < 200; i++) {
      String user = "user-" + i;
      for (long left : new long[] {1, 0, 0}) {
        Verdict.Status candidate = decide(limiter, user, 1).statuses().get(1);
        assertEquals(Role.CANDIDATE, candidate.role(), user);
        assertEquals(left, candidate.outcome().remaining(), user);
      }
    }
  }

  private Limiter over(Rule... rules) {
    return Limiters.over(store, DecisionListener.NONE, rules);
  }

  private static Rule rule(String name, Limit limit, Rule.Mode mode) {
    return new Rule(name, List.of("user"), limit, mode, "", Keying.PLAIN, FailureMode.LOCAL);
  }

  private static Limit fixed(long limit) {
    return FixedWindow.per(HOUR_MICROS, limit);
  }

  private static Verdict decide(Limiter limiter, String user, long cost) {
    Map<String, String> attributes = Map.of("user", user);
    return join(
        limiter.decide(new Request("edge", attributes, cost, Map.of(), List.of(), false, "")));
  }

  private static List<Long> remaining(Verdict verdict) {
    return verdict.statuses().stream().map(status -> status.outcome().remaining()).toList();
  }

  private static <T> T join(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }
}
