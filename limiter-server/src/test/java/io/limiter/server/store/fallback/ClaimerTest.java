package io.limiter.server.store.fallback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.server.store.Charge;
import io.limiter.server.store.Claim;
import io.limiter.server.store.Debt;
import io.limiter.server.store.DebtListener.Unsettled;
import io.limiter.server.store.DebtTarget;
import io.limiter.server.store.local.LocalCounterStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A question under an idempotency key is owed once it is certain that nobody else charges it. */
class ClaimerTest {
  private static final long SECOND = 1_000_000_000;
  private static final Limit LIMIT = FixedWindow.per(3_600_000_000L, 1_000_000);

  private long nanos = 100 * SECOND;
  private final HeldNodes target = new HeldNodes();
  private final CountedDebts counted = new CountedDebts();
  private final Settler settler =
      new Settler(target, counted, () -> nanos / 1_000, () -> nanos, 1_000);

  /** A question by the name of its record, about counters with that name before their own. */
  private void owe(String name, long cost, String... counters) {
    List<Owing> all = new ArrayList<>();
    for (String counter : counters) {
      all.add(new Owing(counter, LIMIT, cost));
    }
    settler.oweUnlessCharged(new Charge.Idempotency(name, "print"), List.of(counters), all, nanos);
  }

  @Test
  void whatNobodyElseWasAsked_isChargedAsOfItsTime() {
    owe("a", 3, "a1", "a2");
    long then = nanos;
    assertTrue(settler.run());
    assertEquals(List.of(), target.sent, "it is claimed first");
    nanos += 5 * SECOND;
    target.answer(0, Claim.Fate.TAKEN);
    assertTrue(settler.run());
    List<Debt.Part> part = List.of(new Debt.Part(3, then));
    assertEquals(
        List.of(List.of(new Debt("a1", LIMIT, part), new Debt("a2", LIMIT, part))), target.sent);
    target.answer(0, DebtTarget.Fate.SETTLED);
    assertEquals(6, counted.settled);
    nanos += 2 * SECOND;
    assertFalse(settler.run(), "nothing is left to do");
    assertEquals(Map.of(), counted.unsettled);
  }

  @Test
  void whatRedisCharged_isNotChargedAgain() {
    owe("a", 3, "a1");
    assertTrue(settler.run());
    target.answer(0, Claim.Fate.CHARGED);
    nanos += 2 * SECOND;
    assertFalse(settler.run());
    assertEquals(List.of(), target.sent);
    assertEquals(Map.of(), counted.unsettled);
  }

  @Test
  void aClaimThatMayHaveBeenMade_isMadeAgainUnderTheSameName_afterASecond() {
    owe("a", 3, "a1");
    assertTrue(settler.run());
    target.answer(0, Claim.Fate.UNKNOWN);
    assertTrue(settler.run());
    assertEquals(1, target.claims.size(), "a Redis that refuses is left alone for a second");
    nanos += SECOND;
    assertTrue(settler.run());
    assertEquals(target.claims.get(0), target.claims.get(1));
    target.answer(1, Claim.Fate.TAKEN);
    assertTrue(settler.run());
    assertEquals(3, target.cost(0));
  }

  @Test
  void twoClaims_haveDifferentNames() {
    owe("a", 3, "a1");
    owe("a", 3, "a1");
    assertTrue(settler.run());
    assertEquals(2, target.claims.get(0).stream().map(Claim::name).distinct().count());
  }

  /** Redis would have forgotten by then that it charged the question. */
  @Test
  void whatIsFiftySecondsOld_staysInDoubt() {
    target.away.add("a");
    owe("a", 3, "a1");
    nanos += 50 * SECOND;
    assertTrue(settler.run());
    assertEquals(Map.of(), counted.unsettled);
    nanos += 1;
    target.away.clear();
    settler.run();
    assertEquals(List.of(), target.claims);
    assertEquals(Map.of(Unsettled.IN_DOUBT, 3L), counted.unsettled);
  }

  /** Such a question has a record for each of its slots. */
  @Test
  void whatHasSeveralRecords_staysInDoubt() {
    owe("a", 3, "a1", "b1");
    nanos += 2 * SECOND;
    settler.run();
    assertEquals(List.of(), target.claims);
    assertEquals(Map.of(Unsettled.IN_DOUBT, 6L), counted.unsettled);
  }

  @Test
  void whatCannotBeRead_isNotCharged() {
    owe("a", 3, "a1");
    assertTrue(settler.run());
    target.answer(0, Claim.Fate.UNREADABLE);
    settler.run();
    assertEquals(List.of(), target.sent);
    assertEquals(Map.of(Unsettled.UNREADABLE, 3L), counted.unsettled);
  }

  @Test
  void aReset_voidsWhatWasAdmittedBefore_andNothingSince() {
    owe("a", 3, "a1", "a2");
    var store = settler.inFrontOf(new LocalCounterStore(() -> nanos / 1_000));
    assertEquals(0, store.reset(List.of("a1")).toCompletableFuture().join());
    nanos += 1;
    owe("b", 4, "a1");
    assertTrue(settler.run());
    target.answer(0, Claim.Fate.TAKEN);
    target.answer(1, Claim.Fate.TAKEN);
    assertTrue(settler.run());
    assertEquals(Map.of(Unsettled.RESET, 3L), counted.unsettled);
    assertEquals(7, target.cost(0));
    nanos += 1;
    owe("c", 5, "a1");
    assertTrue(settler.run());
    target.answer(2, Claim.Fate.TAKEN);
    assertEquals(Map.of(Unsettled.RESET, 3L), counted.unsettled, "nothing is kept of the reset");
  }

  @Test
  void aFewAreClaimedAtATime_andTheOldestGoWhereTheyAreTooMany() {
    for (int i = 0; i < 1_010; i++) {
      owe("a" + i, 1, "a");
    }
    assertEquals(Map.of(Unsettled.DISPLACED, 10L), counted.unsettled);
    Set<String> claimed = new HashSet<>();
    for (int call = 0; call < 8; call++) {
      assertTrue(settler.run());
      assertTrue(settler.run(), "no more until all are answered");
      assertEquals(call + 1, target.claims.size());
      assertTrue(target.claims.get(call).size() <= 128);
      target.claims.get(call).forEach(claim -> claimed.add(claim.question().key()));
      target.answer(call, Claim.Fate.CHARGED);
    }
    assertEquals(1_000, claimed.size());
    assertFalse(claimed.contains("a9"));
    assertEquals(0, settler.debts());
  }

  /** What was sent cannot go; so what comes then does, and the others' reset is remembered. */
  @Test
  void whereAllAreSent_theNewestGoes() {
    Settler small = new Settler(target, counted, () -> nanos / 1_000, () -> nanos, 1);
    for (int cost = 3; cost <= 4; cost++) {
      small.oweUnlessCharged(
          new Charge.Idempotency("a", "print"),
          List.of("a1"),
          List.of(new Owing("a1", LIMIT, cost)),
          nanos);
      small.run();
    }
    assertEquals(Map.of(Unsettled.DISPLACED, 4L), counted.unsettled);
    var store = small.inFrontOf(new LocalCounterStore(() -> nanos / 1_000));
    assertEquals(0, store.reset(List.of("a1")).toCompletableFuture().join());
    target.answer(0, Claim.Fate.TAKEN);
    assertEquals(Map.of(Unsettled.DISPLACED, 4L, Unsettled.RESET, 3L), counted.unsettled);
    assertEquals(0, small.debts());
  }

  @Test
  void aNodeThatIsAway_keepsNoOtherWaiting() {
    target.away.add("a");
    for (int i = 0; i < 500; i++) {
      owe("a" + i, 1, "a1");
    }
    owe("b", 1, "b1");
    assertTrue(settler.run());
    assertTrue(settler.run());
    assertEquals("b", target.claims.get(0).get(0).question().key());
  }

  @Test
  void atTheEnd_whatCanBeIsClaimedAndCharged_andTheRestIsCounted() {
    target.away.add("b");
    owe("a", 3, "a1");
    owe("b", 4, "b1");
    Thread answers =
        new Thread(
            () -> {
              while (target.claims.isEmpty()) {
                Thread.onSpinWait();
              }
              target.answer(0, Claim.Fate.TAKEN);
              while (target.answers.isEmpty()) {
                Thread.onSpinWait();
              }
              target.answer(0, DebtTarget.Fate.SETTLED);
            });
    answers.start();
    settler.close();
    assertEquals(3, counted.settled);
    assertEquals(Map.of(Unsettled.SHUTDOWN, 4L), counted.unsettled);
  }
}
