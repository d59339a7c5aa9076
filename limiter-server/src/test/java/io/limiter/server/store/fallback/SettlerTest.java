package io.limiter.server.store.fallback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.SlidingLog;
import io.limiter.server.store.Debt;
import io.limiter.server.store.DebtListener;
import io.limiter.server.store.DebtTarget;
import io.limiter.server.store.local.LocalCounterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is owed is charged once, as soon as its node answers, and in small pieces. */
class SettlerTest {
  private static final long SECOND = 1_000_000_000;
  private static final Limit LIMIT = FixedWindow.per(3_600_000_000L, 1_000_000);

  private long nanos = SECOND;
  private final HeldNodes target = new HeldNodes();
  private final CountedDebts counted = new CountedDebts();
  private final Settler settler =
      new Settler(target, counted, () -> nanos / 1_000, () -> nanos, 1_000);

  private void owe(String key, long cost) {
    settler.owe(new Owing(key, LIMIT, cost), nanos);
  }

  @Test
  void nothingIsSent_whileItsNodeDoesNotAnswer_andEachNodeIsByItself() {
    target.away.addAll(Set.of("a", "b"));
    owe("a", 3);
    owe("b", 4);
    assertTrue(settler.run());
    assertEquals(0, target.sent.size());
    target.away.remove("b");
    assertTrue(settler.run());
    assertEquals(List.of("b"), target.sent.get(0).stream().map(Debt::key).toList());
    target.answer(0, DebtTarget.Fate.SETTLED);
    target.away.clear();
    assertTrue(settler.run());
    assertEquals(3, target.cost(1));
    target.answer(1, DebtTarget.Fate.SETTLED);
    assertEquals(7, counted.settled);
    assertEquals(Map.of(), counted.unsettled);
    nanos += 2 * SECOND;
    assertFalse(settler.run(), "nothing is left to do");
    assertEquals(2, target.sent.size());
  }

  @Test
  void whatIsInDoubt_isToldOnceItHasStopped_notOnceForEachBeat() {
    nanos = 100 * SECOND;
    for (int i = 0; i < 5; i++) {
      settler.inDoubt(1);
      assertTrue(settler.run(), "the log is told later");
      nanos += SECOND / 2;
    }
    assertTrue(settler.run());
    nanos += SECOND / 2;
    assertFalse(settler.run(), "the log was told");
    assertEquals(Map.of(DebtListener.Unsettled.IN_DOUBT, 5L), counted.unsettled);
  }

  @Test
  void aNode_isSentNoMoreUntilItHasAnswered_andAFewCountersAtATime() {
    for (int i = 0; i < 100; i++) {
      owe("a" + i, 1);
    }
    assertTrue(settler.run());
    assertTrue(settler.run());
    assertEquals(1, target.sent.size());
    assertEquals(64, target.cost(0));
    target.answer(0, DebtTarget.Fate.SETTLED);
    assertTrue(settler.run());
    assertEquals(36, target.cost(1));
    target.answer(1, DebtTarget.Fate.SETTLED);
    assertEquals(100, counted.settled);
  }

  @Test
  void whatWasNotCharged_isSentAgain_withWhatCameMeanwhile() {
    owe("a", 3);
    assertTrue(settler.run());
    owe("a", 2);
    assertTrue(settler.run());
    assertEquals(1, target.sent.size());
    target.answer(0, DebtTarget.Fate.AGAIN);
    assertTrue(settler.run());
    assertEquals(5, target.cost(1));
    target.answer(1, DebtTarget.Fate.REFUSED);
    assertTrue(settler.run());
    assertEquals(2, target.sent.size(), "a Redis that refuses is left alone for a second");
    nanos += SECOND;
    assertTrue(settler.run());
    assertEquals(5, target.cost(2));
  }

  @Test
  void whatMayHaveBeenCharged_isNeverSentAgain() {
    owe("a", 3);
    assertTrue(settler.run());
    target.answer(0, DebtTarget.Fate.UNANSWERED);
    owe("b", 4);
    assertTrue(settler.run());
    target.answer(1, DebtTarget.Fate.UNREADABLE);
    nanos += 5 * SECOND;
    assertFalse(settler.run());
    assertEquals(2, target.sent.size());
    assertEquals(
        Map.of(DebtListener.Unsettled.UNANSWERED, 3L, DebtListener.Unsettled.UNREADABLE, 4L),
        counted.unsettled);
  }

  @Test
  void aReset_voidsWhatIsOwed_alsoWhatComesBack() {
    owe("a", 3);
    owe("b", 4);
    assertTrue(settler.run());
    owe("c", 5);
    var store = settler.inFrontOf(new LocalCounterStore(() -> nanos / 1_000));
    assertEquals(0, store.reset(List.of("a", "c")).toCompletableFuture().join());
    target.answer(0, DebtTarget.Fate.AGAIN);
    target.answer(1, DebtTarget.Fate.AGAIN);
    assertTrue(settler.run());
    assertEquals(
        List.of("b"),
        target.sent.subList(2, target.sent.size()).stream()
            .flatMap(List::stream)
            .map(Debt::key)
            .toList());
    assertEquals(Map.of(DebtListener.Unsettled.RESET, 8L), counted.unsettled);
  }

  @Test
  void atTheEnd_whatCanBeIsSettled_andTheRestIsCounted() {
    target.away.add("b");
    for (int i = 0; i < 3; i++) {
      owe("a" + i, 1);
    }
    owe("b", 4);
    Thread answers =
        new Thread(
            () -> {
              while (target.answers.isEmpty()) {
                Thread.onSpinWait();
              }
              target.answer(0, DebtTarget.Fate.SETTLED);
            });
    answers.start();
    settler.close();
    assertEquals(3, counted.settled);
    assertEquals(Map.of(DebtListener.Unsettled.SHUTDOWN, 4L), counted.unsettled);
  }

  @Test
  void countersThatAreOwed_areBounded_andTheLeastRecentGoFirst() {
    Debts debts = new Debts(2, () -> nanos / 1_000, () -> nanos, counted);
    debts.add("a", LIMIT, 1, nanos);
    debts.add("b", LIMIT, 2, nanos);
    debts.add("a", LIMIT, 1, nanos);
    debts.add("c", LIMIT, 4, nanos);
    assertEquals(2, debts.size());
    assertEquals(Map.of(DebtListener.Unsettled.DISPLACED, 2L), counted.unsettled);
    assertEquals("a", debts.next());
    assertEquals("c", debts.next());
  }

  @Test
  void whatIsGivenBack_isTakenFromTheLatest_andNotBelowNothing() {
    Debts debts = new Debts(2, () -> nanos / 1_000, () -> nanos, counted);
    debts.add("a", LIMIT, 5, nanos);
    nanos += 1_000 * SECOND;
    debts.add("a", LIMIT, 2, nanos);
    debts.giveBack("a", 3);
    Debt left = debts.take("a", nanos);
    assertEquals(List.of(new Debt.Part(4, SECOND)), left == null ? null : left.parts());
    debts.giveBack("a", 3);
  }

  /** Nothing is told as later than it was, nothing is lost, and the parts stay few. */
  @Test
  void partsAreFew_andNoneIsLaterThanWhatItIsMadeOf() {
    for (Limit limit : List.of(LIMIT, new SlidingLog(1_000, 3_600_000_000L))) {
      Debts debts = new Debts(10, () -> nanos / 1_000, () -> nanos, counted);
      Random random = new Random(7);
      List<Debt.Part> all = new ArrayList<>();
      for (int i = 0; i < 5_000; i++) {
        nanos += random.nextLong(SECOND);
        debts.add("a", limit, 1, nanos);
        all.add(new Debt.Part(1, nanos));
        if (random.nextInt(100) == 0) {
          Debt taken = debts.take("a", nanos);
          debts.add("a", limit, 1, nanos);
          all.add(new Debt.Part(1, nanos));
          debts.putBack(taken == null ? new Debt("a", limit, all) : taken);
        }
      }
      Debt debt = debts.take("a", nanos);
      List<Debt.Part> parts = debt == null ? List.of() : debt.parts();
      assertTrue(parts.size() <= 20, () -> "parts: " + parts.size());
      assertEquals(all.size(), parts.stream().mapToLong(Debt.Part::cost).sum());
      int next = 0;
      for (Debt.Part part : parts) {
        for (long i = 0; i < part.cost(); i++) {
          assertTrue(part.atNanos() <= all.get(next).atNanos());
          assertTrue(all.get(next++).atNanos() - part.atNanos() < 230 * SECOND);
        }
      }
    }
  }

  /** Whether a question is to be charged may become known long after it was admitted. */
  @Test
  void whatBecomesKnownLate_isOwedAsOfItsTime_andInItsWindow() {
    Limit minute = FixedWindow.per(60_000_000, 100);
    Debts debts = new Debts(10, () -> nanos / 1_000, () -> nanos, counted);
    nanos = 120 * SECOND;
    debts.add("a", minute, 1, nanos);
    debts.add("a", minute, 2, nanos - SECOND);
    debts.add("a", minute, 4, nanos - 30 * SECOND);
    debts.add("a", minute, 8, nanos - 30 * SECOND);
    debts.add("a", minute, 16, nanos - SECOND / 2);
    Debt debt = debts.take("a", nanos);
    assertEquals(
        List.of(
            new Debt.Part(12, 90 * SECOND),
            new Debt.Part(18, 119 * SECOND),
            new Debt.Part(1, 120 * SECOND)),
        debt == null ? null : debt.parts());
  }

  @Test
  void theEndOfAFixedWindow_isTheEndOfAPart_andWhatIsOverIsDropped() {
    Limit minute = FixedWindow.per(60_000_000, 100);
    nanos = 60 * SECOND - 1_000;
    Debts debts = new Debts(10, () -> nanos / 1_000, () -> nanos, counted);
    debts.add("a", minute, 3, nanos);
    nanos += 1_000;
    debts.add("a", minute, 4, nanos);
    Debt debt = debts.take("a", nanos);
    assertEquals(
        List.of(new Debt.Part(3, nanos - 1_000), new Debt.Part(4, nanos)),
        debt == null ? null : debt.parts());
    debts.landed(new Debt("a", minute, List.of(new Debt.Part(1, 1))));
    debts.putBack(debt == null ? new Debt("b", minute, List.of(new Debt.Part(1, 1))) : debt);
    nanos += 61 * SECOND;
    assertEquals(null, debts.take("a", nanos));
    assertEquals(Map.of(DebtListener.Unsettled.EXPIRED, 7L), counted.unsettled);
  }
}
