package io.limiter.server.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The laws of entries that are not simply enforced, beside those of every store. */
public abstract class RolesContract extends CounterStoreContract {
  private static Charge charge(Charge.Entry... entries) {
    return new Charge(List.of(entries), /* countDenied= */ false, false, null);
  }

  private static Charge.Entry as(Charge.Role role, Charge.Entry entry) {
    return new Charge.Entry(role, entry.key(), entry.limit(), entry.cost());
  }

  @ParameterizedTest
  @EnumSource
  void quotas_denyOnlyWhenAllDo(Algorithm algorithm) {
    decide(entry(algorithm, "one", MOST));
    Charge question =
        charge(
            as(Charge.Role.QUOTA, entry(algorithm, "one", 1)),
            as(Charge.Role.QUOTA, entry(algorithm, "two", MOST)));
    assertTrue(decide(question).admitted());
    assertEquals(0, remaining(algorithm, "two"));
    assertFalse(decide(question).admitted());
  }

  @ParameterizedTest
  @EnumSource
  void candidate_countsWhatItWouldAdmitInPlaceOfItsRule(Algorithm algorithm) {
    decide(entry(algorithm, "live", MOST));
    Charge denied =
        charge(
            entry(algorithm, "live", 1),
            as(Charge.Role.CANDIDATE, entry(algorithm, "candidate", 1)));
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
            as(Charge.Role.CANDIDATE, entry(algorithm, "candidate", 1)),
            entry(algorithm, "other", 1));
    assertFalse(decide(denied).admitted());
    assertEquals(MOST, remaining(algorithm, "candidate"));
    assertEquals(MOST, remaining(algorithm, "live"));
  }

  @ParameterizedTest
  @EnumSource
  void aCredit_givesBack_butNeverBelowEmpty(Algorithm algorithm) {
    decide(entry(algorithm, "used", 3));
    Answer.Decided answer = decide(charge(entry(algorithm, "used", -2)));
    assertTrue(answer.admitted());
    assertEquals(MOST - 1, answer.outcomes().get(0).remaining());
    assertEquals(MOST - 1, remaining(algorithm, "used"));
    decide(charge(entry(algorithm, "used", -100)));
    assertEquals(MOST, remaining(algorithm, "used"));
  }

  @ParameterizedTest
  @EnumSource
  void aDenial_givesNothingBack(Algorithm algorithm) {
    decide(entry(algorithm, "used", 3));
    Charge denied = charge(entry(algorithm, "used", -2), entry(algorithm, "full", MOST + 1));
    assertFalse(decide(denied).admitted());
    assertEquals(MOST - 3, remaining(algorithm, "used"));
  }

  @Test
  void whatIsCountedOnDenial_countsBeyondTheLimit_oneAfterTheOther() {
    Algorithm fixed = Algorithm.FIXED_WINDOW;
    Charge.Entry entry = entry(fixed, "counted", MOST - 1);
    Charge twice = new Charge(List.of(entry, entry), /* countDenied= */ true, false, null);
    Answer.Decided answer = decide(twice);
    assertFalse(answer.admitted());
    assertEquals(1, answer.outcomes().get(0).remaining());
    assertFalse(answer.outcomes().get(1).admits());
    assertFalse(decide(entry(fixed, "counted", 1)).admitted());
  }
}
