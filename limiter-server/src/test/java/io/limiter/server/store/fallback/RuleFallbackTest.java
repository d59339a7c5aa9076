package io.limiter.server.store.fallback;

import static io.limiter.server.store.fallback.AwayRedis.answer;
import static io.limiter.server.store.fallback.AwayRedis.ask;
import static io.limiter.server.store.fallback.AwayRedis.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;
import io.limiter.ledger.FailureMode;
import io.limiter.ledger.Role;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.Source;
import io.limiter.server.store.StoreException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is answered in the place of Redis. */
class RuleFallbackTest {
  private static final long HOUR = 3_600_000_000L;
  private static final Limit TEN = FixedWindow.per(HOUR, 10);

  private final AtomicLong now = new AtomicLong(1_000 * HOUR);
  private int instances = 1;

  private final RuleFallback fallback =
      new RuleFallback(now::get, () -> instances, false, RuleFallback.Creditor.FORGETTING, 3);

  @Test
  void open_admitsUnchecked() {
    for (int i = 0; i < 20; i++) {
      Answer.Decided answer = ask(fallback, entry("k", TEN, FailureMode.OPEN));
      assertTrue(answer.admitted());
      assertEquals(Source.FAIL_OPEN, answer.source());
      assertEquals(List.of(new Outcome.Admitted(10, 0, 0)), answer.outcomes());
    }
  }

  @Test
  void overload_isAnsweredByRules_onlyIfTheOperatorSaysSo() {
    Charge charge = new Charge.Whole(List.of(entry("k", TEN, FailureMode.CLOSED)));
    StoreException overload = StoreException.overloaded("too much");
    assertNull(fallback.answer(charge, overload));
    RuleFallback willing =
        new RuleFallback(now::get, () -> instances, true, RuleFallback.Creditor.FORGETTING, 3);
    Answer.Decided answer =
        assertInstanceOf(Answer.Decided.class, willing.answer(charge, overload));
    assertEquals(Source.FAIL_CLOSED, answer.source());
    assertNull(
        willing.answer(charge, new StoreException(StoreException.Kind.INTERNAL, "defect", null)));
  }

  @Test
  void closed_denies_andSaysWhenToComeAgain() {
    Answer.Decided answer = ask(fallback, entry("k", TEN, FailureMode.CLOSED));
    assertEquals(false, answer.admitted());
    assertEquals(Source.FAIL_CLOSED, answer.source());
    assertEquals(List.of(new Outcome.Denied(0, 1_000_000, 1_000_000)), answer.outcomes());
  }

  @Test
  void local_countsThisInstancesShare() {
    instances = 3;
    for (int i = 0; i < 3; i++) {
      Answer.Decided answer = ask(fallback, entry("k", TEN, FailureMode.LOCAL));
      assertTrue(answer.admitted());
      assertEquals(Source.LOCAL_FALLBACK, answer.source());
      assertEquals(2 - i, answer.outcomes().get(0).remaining());
    }
    assertEquals(false, ask(fallback, entry("k", TEN, FailureMode.LOCAL)).admitted());
    now.addAndGet(HOUR);
    assertTrue(ask(fallback, entry("k", TEN, FailureMode.LOCAL)).admitted());
  }

  /** The share of a limit that is smaller than the instances are many. */
  @Test
  void aShare_isAtLeastOne() {
    instances = 50;
    assertTrue(ask(fallback, entry("k", TEN, FailureMode.LOCAL)).admitted());
    assertEquals(false, ask(fallback, entry("k", TEN, FailureMode.LOCAL)).admitted());
  }

  @Test
  void eachRuleGivesItsOwnAnswer_andAllMustAdmit() {
    Charge.Entry local = entry("l", FixedWindow.per(HOUR, 2), FailureMode.LOCAL);
    Charge.Entry open = entry("o", TEN, FailureMode.OPEN);
    Charge.Entry closed = entry("c", TEN, FailureMode.CLOSED);

    Answer.Decided denied = ask(fallback, local, open, closed);
    assertEquals(false, denied.admitted());
    assertEquals(Source.FAIL_CLOSED, denied.source());
    assertEquals(2, denied.outcomes().get(0).remaining(), "a denial charges nothing");

    assertEquals(Source.LOCAL_FALLBACK, ask(fallback, open, local).source());
    assertTrue(ask(fallback, local, open).admitted());
    assertEquals(false, ask(fallback, local, open).admitted());
    assertTrue(ask(fallback, open).admitted());
  }

  @Test
  void whatOnlyWatches_deniesNothing() {
    Answer.Decided answer =
        ask(
            fallback,
            entry("o", TEN, FailureMode.OPEN),
            entry(Role.SHADOW, "c", TEN, FailureMode.CLOSED),
            entry(Role.SHADOW, "l", TEN, FailureMode.LOCAL));
    assertTrue(answer.admitted());
    assertEquals(Source.FAIL_OPEN, answer.source());
  }

  @Test
  void aQuotaThatIsOpen_isRoom() {
    assertTrue(
        ask(
                fallback,
                entry(Role.QUOTA, "c", TEN, FailureMode.CLOSED),
                entry(Role.QUOTA, "o", TEN, FailureMode.OPEN))
            .admitted());
    assertEquals(false, ask(fallback, entry(Role.QUOTA, "c", TEN, FailureMode.CLOSED)).admitted());
  }

  @ParameterizedTest
  @EnumSource
  void onlyWhatTimeMends_isAnswered(StoreException.Kind kind) {
    Charge charge = new Charge.Whole(List.of(entry("k", TEN, FailureMode.OPEN)));
    if (kind.isDefect() || kind == StoreException.Kind.OVERLOADED) {
      assertNull(answer(fallback, charge, kind));
    } else {
      assertNotNull(answer(fallback, charge, kind));
    }
  }

  @Test
  void noReceipt_isGiven() {
    Charge charge =
        new Charge.Whole(
            List.of(entry("k", TEN, FailureMode.LOCAL)), /* wantReceipt= */ true, null);
    Answer answer = answer(fallback, charge, StoreException.Kind.TIMEOUT);
    assertNull(assertInstanceOf(Answer.Decided.class, answer).receipt());
  }

  @Test
  void aRepetitionUnderAnIdempotencyKey_isChargedOnce() {
    Charge charge =
        new Charge.Whole(
            List.of(entry("k", FixedWindow.per(HOUR, 1), FailureMode.LOCAL)),
            /* wantReceipt= */ false,
            new Charge.Idempotency("key", "print"));
    for (int i = 0; i < 3; i++) {
      Answer answer = answer(fallback, charge, StoreException.Kind.TIMEOUT);
      assertTrue(assertInstanceOf(Answer.Decided.class, answer).admitted());
    }
  }

  @Test
  void countersAreBounded_andTheLeastRecentlyAskedGoFirst() {
    Limit one = new SlidingLog(1, HOUR);
    for (String key : List.of("a", "b", "c")) {
      assertTrue(ask(fallback, entry(key, one, FailureMode.LOCAL)).admitted());
    }
    assertEquals(false, ask(fallback, entry("a", one, FailureMode.LOCAL)).admitted());
    assertTrue(ask(fallback, entry("d", one, FailureMode.LOCAL)).admitted());
    assertEquals(3, fallback.counters());
    assertEquals(false, ask(fallback, entry("a", one, FailureMode.LOCAL)).admitted());
    assertTrue(ask(fallback, entry("b", one, FailureMode.LOCAL)).admitted(), "forgotten");
  }

  /** An instance that is gone leaves its share to the others, without losing what they counted. */
  @Test
  void aChangeOfShares_keepsTheCount() {
    instances = 2;
    Limit bucket = TokenBucket.of(1, HOUR, 10);
    for (int i = 0; i < 5; i++) {
      assertTrue(ask(fallback, entry("k", bucket, FailureMode.LOCAL)).admitted());
    }
    assertEquals(false, ask(fallback, entry("k", bucket, FailureMode.LOCAL)).admitted());
    instances = 1;
    Answer.Decided answer = ask(fallback, entry("k", bucket, FailureMode.LOCAL));
    assertTrue(answer.admitted());
    assertEquals(4, answer.outcomes().get(0).remaining());
  }
}
