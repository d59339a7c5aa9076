package io.limiter.server.store.deny;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Outcome;
import io.limiter.ledger.Role;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.Source;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.StubCounterStore;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What ends a denial, what is never remembered, and that it stays small. */
class DenyCacheEndsTest extends DenyCacheHarness {
  @Test
  void aReset_isSeenByEveryQuestionAfterIt() {
    fill(DENIED);
    denied(Source.REDIS, DENIED);
    assertEquals(1, cache.reset(List.of("k")).toCompletableFuture().join());
    assertTrue(ask(Source.REDIS, charge(DENIED)).admitted());
  }

  @Test
  void aResetOfAnyCounterOfAQuestion_isSeen() {
    Charge.Entry one = as(Role.QUOTA, DENIED);
    Charge.Entry two = as(Role.QUOTA, new Charge.Entry("l", MINUTE, 1));
    fill(one);
    fill(two);
    ask(Source.REDIS, charge(one, two));
    ask(Source.DENY_CACHE, charge(one, two));
    var unused = cache.reset(List.of("l"));
    assertTrue(ask(Source.REDIS, charge(one, two)).admitted());
  }

  @Test
  void aCredit_isSeenByEveryQuestionAfterIt() {
    fill(DENIED);
    denied(Source.REDIS, DENIED);
    ask(Source.REDIS, charge(cost(DENIED, -1)));
    assertTrue(ask(Source.REDIS, charge(DENIED)).admitted());

    denied(Source.REDIS, DENIED);
    join(cache.decide(new Charge.Counting(List.of(cost(DENIED, -1)))));
    assertTrue(ask(Source.REDIS, charge(DENIED)).admitted());
  }

  @Test
  void anAnswerFromBeforeAReset_isNotRememberedAfterIt() {
    CompletableFuture<Answer> underWay = new CompletableFuture<>();
    CounterStore store =
        new StubCounterStore() {
          @Override
          public CompletionStage<Answer> decide(Charge charge) {
            return underWay;
          }

          @Override
          public CompletionStage<Integer> reset(List<String> keys) {
            return CompletableFuture.completedStage(keys.size());
          }
        };
    DenyCache cache = new DenyCache(store, LONGEST, () -> nanos);
    fill(DENIED);
    CompletionStage<Answer> first = cache.decide(charge(DENIED));
    Answer.Decided before = join(way.counters.decide(charge(DENIED)));
    cache.reset(List.of("k")).toCompletableFuture().join();
    underWay.complete(before);
    assertSame(before, join(first));
    assertEquals(Source.REDIS, join(cache.decide(charge(DENIED))).source());
  }

  @Test
  void aCreditElsewhere_isSeenByEveryQuestionAfterItIsHeardOf() {
    fill(DENIED);
    denied(Source.REDIS, DENIED);
    cache.credited(List.of("other"));
    denied(Source.DENY_CACHE, DENIED);
    var unused = way.counters.reset(List.of("k"));
    cache.credited(List.of("other", "k"));
    assertTrue(ask(Source.REDIS, charge(DENIED)).admitted());
  }

  @Test
  void anAnswerFromBeforeACreditElsewhere_isNotRememberedAfterItIsHeardOf() {
    for (Runnable heard :
        List.<Runnable>of(() -> cache.credited(List.of("k")), () -> cache.missedSome())) {
      fill(DENIED);
      way.onWayBack = heard;
      denied(Source.REDIS, DENIED);
      way.onWayBack = () -> {};
      var unused = way.counters.reset(List.of("k"));
      assertTrue(ask(Source.REDIS, charge(DENIED)).admitted());
      unused = way.counters.reset(List.of("k"));
    }
  }

  @Test
  void whereSomeCreditsWereMissed_everyDenialIsAskedForAgain() {
    for (int i = 0; i < 100; i++) {
      Charge.Entry entry = new Charge.Entry("k" + i, MINUTE, 1);
      fill(entry);
      denied(Source.REDIS, entry);
    }
    cache.missedSome();
    for (int i = 0; i < 100; i++) {
      denied(Source.REDIS, new Charge.Entry("k" + i, MINUTE, 1));
    }
  }

  @Test
  void whatWritesOnADenialOrMayBeKept_isAlwaysAsked() {
    fill(DENIED);
    Charge.Entry tried = new Charge.Entry(Role.CANDIDATE, "k^", FixedWindow.per(60_000_000, 20), 1);
    List<Charge> all =
        List.of(
            charge(DENIED, tried),
            new Charge.Counting(List.of(DENIED)),
            new Charge.Whole(List.of(DENIED), false, new Charge.Idempotency("i", "f")),
            charge(cost(DENIED, 0)));
    denied(Source.REDIS, DENIED);
    for (Charge charge : all) {
      ask(Source.REDIS, charge);
      ask(Source.REDIS, charge);
    }
    assertEquals(1 + 2 * all.size(), way.asked);
    assertEquals(1, cache.size());
  }

  @Test
  void aQuestionThatWantsAReceipt_isAnswered_andSoIsOneThatLooksAtAnotherCounterToo() {
    fill(DENIED);
    denied(Source.REDIS, DENIED);
    ask(Source.DENY_CACHE, new Charge.Whole(List.of(DENIED), /* wantReceipt= */ true, null));
    Charge looksToo = charge(DENIED, new Charge.Entry("l", MINUTE, 0));
    ask(Source.REDIS, looksToo);
    ask(Source.DENY_CACHE, looksToo);
  }

  @Test
  void admissions_areAsked() {
    for (int i = 0; i < 10; i++) {
      assertTrue(ask(Source.REDIS, charge(DENIED)).admitted());
    }
    assertEquals(0, cache.size());
  }

  @Test
  void whatTheCountersDidNotDecideNow_isNotRemembered() {
    Answer.Decided taken =
        new Answer.Decided(
            false,
            List.of(new Outcome.Denied(0, 60_000_000, 60_000_000)),
            START,
            null,
            /* replayed= */ false,
            Source.LEASE);
    DenyCache cache =
        new DenyCache(
            StubCounterStore.answering(CompletableFuture.completedStage(taken)),
            LONGEST,
            () -> nanos);
    assertSame(taken, join(cache.decide(charge(DENIED))));
    assertEquals(0, cache.size());
  }

  @Test
  void aFailure_isPassedOn_andNotRemembered() {
    StoreException away = new StoreException(StoreException.Kind.UNAVAILABLE, "away", null);
    DenyCache cache =
        new DenyCache(
            StubCounterStore.answering(CompletableFuture.failedStage(away)), LONGEST, () -> nanos);
    for (int i = 0; i < 2; i++) {
      CompletableFuture<Answer> answer = cache.decide(charge(DENIED)).toCompletableFuture();
      assertSame(away, assertThrows(CompletionException.class, answer::join).getCause());
    }
  }

  @Test
  void itsSize_isBounded() {
    long mostBytes = 100_000;
    DenyCache small = new DenyCache(way, LONGEST, () -> nanos, mostBytes);
    for (int i = 0; i < 10_000; i++) {
      Charge.Entry never = new Charge.Entry("key-" + i, MINUTE, 11);
      join(small.decide(charge(never)));
      join(small.decide(charge(never)));
    }
    int each = new CacheKey(List.of(new Charge.Entry("key-1", MINUTE, 11)), 0).bytes();
    assertTrue(small.size() > 0);
    assertTrue(small.size() <= mostBytes / each, () -> small.size() + " of " + each + " bytes");
  }

  @Test
  void whatIsOver_isDropped() {
    fill(DENIED);
    denied(Source.REDIS, DENIED);
    assertEquals(1, cache.size());
    nanos += 2 * SECOND;
    assertEquals(0, cache.size());
  }
}
