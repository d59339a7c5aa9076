package io.limiter.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Whatever the answer is, everything can be asked of it. */
class DecisionTest {
  private static RuleStatus status(
      String rule, String unit, boolean shadow, long remaining, RuleStatus.Outcome outcome) {
    return new RuleStatus(
        rule,
        Algorithm.TOKEN_BUCKET,
        unit,
        shadow,
        /* candidate= */ false,
        new RuleStatus.Quota(10, remaining, Duration.ofSeconds(1), Duration.ofSeconds(9)),
        outcome);
  }

  private static Decision admitted(RuleStatus... statuses) {
    return new Decision.Admitted(Source.REDIS, List.of(statuses), Duration.ZERO, Optional.empty());
  }

  private static String strictest(RuleStatus... statuses) {
    return admitted(statuses).strictest().map(RuleStatus::rule).orElse("none");
  }

  @Test
  void remaining_isTheLeastOfTheEnforcedRulesOfThatUnit() {
    Decision decision =
        admitted(
            status("a", "", false, 7, new RuleStatus.Admits()),
            status("b", "", false, 4, new RuleStatus.Admits()),
            status("tried", "", true, 1, new RuleStatus.Admits()),
            status("c", "tokens", false, 900, new RuleStatus.Admits()));
    assertEquals(OptionalLong.of(4), decision.remaining());
    assertEquals(OptionalLong.of(900), decision.remaining("tokens"));
    assertEquals(OptionalLong.empty(), decision.remaining("images"));
  }

  @Test
  void strictest_deniesLongest_orLeavesLeast() {
    RuleStatus plenty = status("plenty", "", false, 9, new RuleStatus.Admits());
    RuleStatus few = status("few", "", false, 2, new RuleStatus.Admits());
    RuleStatus shadow =
        status("shadow", "", true, 0, new RuleStatus.Denies(Duration.ofSeconds(99)));
    RuleStatus soon = status("soon", "", false, 0, new RuleStatus.Denies(Duration.ofSeconds(1)));
    RuleStatus late = status("late", "", false, 3, new RuleStatus.Denies(Duration.ofSeconds(5)));
    RuleStatus never = status("never", "", false, 10, new RuleStatus.NeverAdmits());
    assertEquals("few", strictest(plenty, few, shadow));
    assertEquals("soon", strictest(plenty, few, soon));
    assertEquals("late", strictest(soon, late, few));
    assertEquals("never", strictest(late, never, soon));
    assertEquals("none", strictest(shadow));
    assertEquals("none", strictest());
  }

  @Test
  void aStatus_saysWhatItsOutcomeIs_withoutItsType() {
    RuleStatus denies = status("r", "", false, 0, new RuleStatus.Denies(Duration.ofSeconds(5)));
    assertFalse(denies.allowed());
    assertFalse(denies.never());
    assertEquals(Optional.of(Duration.ofSeconds(5)), denies.retryAfter());
    RuleStatus never = status("r", "", true, 3, new RuleStatus.NeverAdmits());
    assertTrue(never.never());
    assertFalse(never.enforced());
    assertEquals(Optional.empty(), never.retryAfter());
    assertEquals(3, never.remaining());
  }

  @Test
  void withoutAnAnswer_nothingIsThere_andNothingThrows() {
    UnreachableException away = new UnreachableException(Status.Code.UNAVAILABLE, "away");
    for (Decision decision :
        List.of(
            new Decision.Unreachable(true, away),
            new Decision.Invalid(new InvalidRequestException("cost", "is too much")))) {
      assertEquals(Source.CLIENT, decision.source());
      assertEquals(List.of(), decision.statuses());
      assertEquals(Optional.empty(), decision.strictest());
      assertEquals(OptionalLong.empty(), decision.remaining());
      assertEquals(Optional.empty(), decision.retryAfter());
      assertEquals(Optional.empty(), decision.receipt());
      assertEquals(Duration.ZERO, decision.delay());
      assertTrue(decision.failure().isPresent());
      assertFalse(decision.unknownDomain());
    }
    assertEquals(Optional.of(away), new Decision.Unreachable(false, away).failure());
  }

  @Test
  void anUnknownDomain_isTold() {
    assertTrue(
        new Decision.Admitted(Source.UNKNOWN_DOMAIN, List.of(), Duration.ZERO, Optional.empty())
            .unknownDomain());
    assertTrue(
        new Decision.Denied(Source.UNKNOWN_DOMAIN, List.of(), Optional.empty()).unknownDomain());
    assertFalse(admitted().unknownDomain());
  }
}
