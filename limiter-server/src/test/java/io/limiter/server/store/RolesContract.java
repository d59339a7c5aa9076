package io.limiter.server.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Bounds;
import io.limiter.algorithm.Outcome;
import io.limiter.ledger.Role;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The laws of entries that are not simply enforced, beside those of every store. */
public abstract class RolesContract extends CounterStoreContract {
  private static Charge charge(Charge.Entry... entries) {
    return new Charge.Whole(List.of(entries));
  }

  private static Charge.Entry as(Role role, Charge.Entry entry) {
    return new Charge.Entry(role, entry.key(), entry.limit(), entry.cost());
  }

  @ParameterizedTest
  @EnumSource
  void quota_deniesOnlyWhenAllDo(Algorithm algorithm) {
    decide(entry(algorithm, "one", MOST));
    Charge question =
        charge(
            as(Role.QUOTA, entry(algorithm, "one", 1)),
            as(Role.QUOTA, entry(algorithm, "two", MOST)));
    assertTrue(decide(question).admitted());
    assertEquals(0, remaining(algorithm, "two"));
    assertFalse(decide(question).admitted());
  }

  @ParameterizedTest
  @EnumSource
  void candidate_countsWhatItWouldHaveAdmitted_alsoWhenItsRuleDenies(Algorithm algorithm) {
    decide(entry(algorithm, "live", MOST));
    Charge denied =
        charge(entry(algorithm, "live", 1), as(Role.CANDIDATE, entry(algorithm, "candidate", 1)));
    assertFalse(decide(denied).admitted());
    assertEquals(MOST - 1, remaining(algorithm, "candidate"));
  }

  @ParameterizedTest
  @EnumSource
  void candidate_doesNotCountWhatAnotherRuleDenies(Algorithm algorithm) {
    decide(entry(algorithm, "other", MOST));
    Charge denied =
        charge(
            entry(algorithm, "live", 1),
            as(Role.CANDIDATE, entry(algorithm, "candidate", 1)),
            entry(algorithm, "other", 1));
    assertFalse(decide(denied).admitted());
    assertEquals(MOST, remaining(algorithm, "candidate"));
    assertEquals(MOST, remaining(algorithm, "live"));
  }

  /** In its rule's place it would have lifted the denial, which the quotas only make together. */
  @ParameterizedTest
  @EnumSource
  void candidateOfAQuota_countsWhatTheQuotasDenyTogether_andNotWhatAnotherRuleDenies(
      Algorithm algorithm) {
    decide(entry(algorithm, "one", MOST));
    decide(entry(algorithm, "two", MOST));
    Charge.Entry one = as(Role.QUOTA, entry(algorithm, "one", 1));
    Charge.Entry tried = as(Role.CANDIDATE, entry(algorithm, "candidate", 1));
    Charge.Entry two = as(Role.QUOTA, entry(algorithm, "two", 1));
    assertFalse(decide(charge(one, tried, two)).admitted());
    assertEquals(MOST - 1, remaining(algorithm, "candidate"));
    assertFalse(decide(charge(one, tried, two, entry(algorithm, "full", MOST + 1))).admitted());
    assertEquals(MOST - 1, remaining(algorithm, "candidate"));
  }

  @ParameterizedTest
  @EnumSource
  void candidateOfAShadow_isCountedAsAShadow(Algorithm algorithm) {
    decide(entry(algorithm, "live", MOST));
    Charge.Entry live = as(Role.SHADOW, entry(algorithm, "live", 1));
    Charge.Entry tried = as(Role.CANDIDATE, entry(algorithm, "candidate", 1));
    assertTrue(decide(charge(live, tried)).admitted());
    assertEquals(MOST - 1, remaining(algorithm, "candidate"));
    assertFalse(decide(charge(live, tried, entry(algorithm, "full", MOST + 1))).admitted());
    assertEquals(MOST - 1, remaining(algorithm, "candidate"));
  }

  @ParameterizedTest
  @EnumSource
  void joined_areChargedTogetherOrNotAtAll_andDenyAsOneOfThemWould(Algorithm algorithm) {
    decide(entry(algorithm, "full", MOST));
    Charge.Entry full = entry(algorithm, "full", 1);
    for (Role role : List.of(Role.ENFORCED, Role.QUOTA, Role.SHADOW)) {
      Charge.Entry free = entry(algorithm, "free", 1);
      assertEquals(
          role == Role.SHADOW, decide(charge(as(role, free), as(Role.JOINED, full))).admitted());
      assertEquals(
          role == Role.SHADOW, decide(charge(as(role, full), as(Role.JOINED, free))).admitted());
      assertEquals(MOST, remaining(algorithm, "free"));
    }
    Charge.Entry other = entry(algorithm, "other", 1);
    Answer.Decided both = decide(charge(entry(algorithm, "free", 1), as(Role.JOINED, other)));
    assertTrue(both.admitted());
    assertEquals(MOST - 1, both.outcomes().get(1).remaining());
    assertEquals(MOST - 1, remaining(algorithm, "free"));
    assertEquals(MOST - 1, remaining(algorithm, "other"));
  }

  @ParameterizedTest
  @EnumSource
  void joinedQuotas_countAsOne(Algorithm algorithm) {
    decide(entry(algorithm, "full", MOST));
    Charge.Entry free = as(Role.QUOTA, entry(algorithm, "free", 1));
    Charge.Entry full = as(Role.JOINED, entry(algorithm, "full", 1));
    Charge.Entry last = as(Role.QUOTA, entry(algorithm, "last", MOST));
    assertTrue(decide(charge(free, full, last)).admitted());
    assertEquals(MOST, remaining(algorithm, "free"));
    assertEquals(0, remaining(algorithm, "last"));
    assertFalse(decide(charge(free, full, last)).admitted());
    assertFalse(decide(charge(last, free, full)).admitted());
    assertEquals(MOST, remaining(algorithm, "free"));
  }

  /** What both of its rule's counters deny, one rule denies. */
  @ParameterizedTest
  @EnumSource
  void joinedCandidate_countsWhatItsRuleAloneDenies(Algorithm algorithm) {
    decide(entry(algorithm, "one", MOST));
    decide(entry(algorithm, "two", MOST));
    Charge.Entry one = entry(algorithm, "one", 1);
    Charge.Entry two = as(Role.JOINED, entry(algorithm, "two", 1));
    Charge.Entry tried = as(Role.CANDIDATE, entry(algorithm, "tried", 1));
    Charge.Entry also = as(Role.JOINED, entry(algorithm, "also", 1));
    assertFalse(decide(charge(one, two, tried, also)).admitted());
    assertEquals(MOST - 1, remaining(algorithm, "tried"));
    assertEquals(MOST - 1, remaining(algorithm, "also"));
    decide(entry(algorithm, "also", MOST - 1));
    assertFalse(decide(charge(one, two, tried, also)).admitted());
    assertEquals(MOST - 1, remaining(algorithm, "tried"));
    decide(entry(algorithm, "other", MOST));
    assertFalse(decide(charge(one, two, tried, entry(algorithm, "other", 1))).admitted());
    assertEquals(MOST - 1, remaining(algorithm, "tried"));
  }

  @ParameterizedTest
  @EnumSource
  void credit_givesBack_neverBelowEmpty(Algorithm algorithm) {
    decide(entry(algorithm, "used", 3));
    Answer.Decided answer = decide(charge(entry(algorithm, "used", -2)));
    assertTrue(answer.admitted());
    assertEquals(MOST - 1, answer.outcomes().get(0).remaining());
    assertEquals(MOST - 1, remaining(algorithm, "used"));
    Answer.Decided rest = decide(charge(entry(algorithm, "used", -100)));
    assertEquals(new Outcome.Admitted(MOST, 0, 0), rest.outcomes().get(0));
    assertEquals(MOST, remaining(algorithm, "used"));
    assertFalse(decide(entry(algorithm, "used", MOST + 1)).admitted());
  }

  @ParameterizedTest
  @EnumSource
  void credit_takesTheNewestChargesFirst_andLeavesNoReceipt(Algorithm algorithm) {
    decide(entry(algorithm, "used", 2));
    decide(entry(algorithm, "used", 3));
    decide(entry(algorithm, "used", 4));
    Charge credit =
        new Charge.Whole(List.of(entry(algorithm, "used", -6)), /* wantReceipt= */ true, null);
    Answer.Decided answer = decide(credit);
    assertNull(answer.receipt());
    assertEquals(MOST - 3, answer.outcomes().get(0).remaining());
    assertEquals(MOST - 3, remaining(algorithm, "used"));
  }

  @ParameterizedTest
  @EnumSource
  void aDenial_creditsNothing_andSaysWhatRemains(Algorithm algorithm) {
    decide(entry(algorithm, "used", 3));
    Charge denied = charge(entry(algorithm, "used", -2), entry(algorithm, "full", MOST + 1));
    Answer.Decided answer = decide(denied);
    assertFalse(answer.admitted());
    assertTrue(answer.outcomes().get(0).admits());
    assertEquals(MOST - 3, answer.outcomes().get(0).remaining());
    assertEquals(MOST - 3, remaining(algorithm, "used"));
  }

  private static Charge counting(Charge.Entry... entries) {
    return new Charge.Counting(List.of(entries));
  }

  private Charge.Entry fixed(String name, long cost) {
    return entry(Algorithm.FIXED_WINDOW, name, cost);
  }

  @Test
  void countDenied_countsWhatItDenies() {
    assertFalse(decide(counting(fixed("counted", MOST + 5))).admitted());
    assertInstanceOf(
        Outcome.Never.class, decide(counting(fixed("counted", MOST + 1))).outcomes().get(0));
    // 26 were counted: it takes 16 to come down to the limit.
    assertEquals(0, decide(counting(fixed("counted", -16))).outcomes().get(0).remaining());
    assertEquals(1, decide(counting(fixed("counted", -1))).outcomes().get(0).remaining());
  }

  @Test
  void countDenied_countsTheOthersOfADeniedQuestion() {
    decide(fixed("full", MOST));
    assertFalse(
        decide(counting(fixed("before", 1), fixed("full", 1), fixed("after", 2))).admitted());
    assertEquals(MOST - 1, remaining(Algorithm.FIXED_WINDOW, "before"));
    assertEquals(MOST - 2, remaining(Algorithm.FIXED_WINDOW, "after"));
  }

  @Test
  void countDenied_countsTheSameCounterOneAfterTheOther() {
    Answer.Decided answer =
        decide(counting(fixed("counted", MOST - 1), fixed("counted", 2), fixed("counted", 0)));
    assertFalse(answer.admitted());
    assertEquals(1, answer.outcomes().get(0).remaining());
    Outcome.Denied denied = assertInstanceOf(Outcome.Denied.class, answer.outcomes().get(1));
    assertEquals(0, denied.remaining());
    assertEquals(denied.resetAfterMicros(), denied.retryAfterMicros());
    assertInstanceOf(Outcome.Denied.class, answer.outcomes().get(2));
    assertEquals(1, decide(counting(fixed("counted", -2))).outcomes().get(0).remaining());
  }

  @Test
  void countDenied_saturates() {
    decide(counting(fixed("counted", Bounds.MAX_COUNT), fixed("counted", Bounds.MAX_COUNT)));
    Charge credit = counting(fixed("counted", -Bounds.MAX_COUNT + 1));
    assertEquals(MOST - 1, decide(credit).outcomes().get(0).remaining());
  }
}
