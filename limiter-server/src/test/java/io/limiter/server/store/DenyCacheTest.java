package io.limiter.server.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.LeakyBucket;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.SlidingCounter;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What is remembered, how long, and what is said of it; each window and bucket is full at first.
 */
class DenyCacheTest {
  private static final long SECOND = 1_000_000_000;
  private static final long MICRO = 1_000;
  private static final Duration LONGEST = Duration.ofSeconds(1);

  /** The start of a minute, in microseconds since the epoch. */
  private static final long START = 1_766_666_400_000_000L;

  private static final Limit MINUTE = FixedWindow.per(60_000_000, 10);
  private static final Charge.Entry DENIED = new Charge.Entry("k", MINUTE, 1);

  private long nanos;
  private final Way way = new Way(() -> START + nanos / MICRO);
  private final DenyCache cache = cache();

  private DenyCache cache() {
    // Near the end of what a long holds: the clock may start anywhere.
    return new DenyCache(way, LONGEST, () -> Long.MAX_VALUE - SECOND / 2 + nanos);
  }

  /** The way to counters and back. */
  private final class Way implements CounterStore {
    private final TwinCounterStore counters;
    private long thereNanos;
    private long backNanos;
    private int asked;

    Way(LongSupplier nowMicros) {
      counters = new TwinCounterStore(nowMicros);
    }

    @Override
    public CompletionStage<Answer> decide(Charge charge) {
      asked++;
      nanos += thereNanos;
      CompletionStage<Answer> answer = counters.decide(charge);
      nanos += backNanos;
      return answer;
    }

    @Override
    public CompletionStage<Boolean> refund(Receipt receipt) {
      return counters.refund(receipt);
    }

    @Override
    public CompletionStage<Integer> reset(List<String> keys) {
      return counters.reset(keys);
    }
  }

  /** Answers every question alike. */
  private record Fixed(CompletionStage<Answer> answer) implements CounterStore {
    @Override
    public CompletionStage<Answer> decide(Charge charge) {
      return answer;
    }

    @Override
    public CompletionStage<Boolean> refund(Receipt receipt) {
      return CompletableFuture.completedStage(true);
    }

    @Override
    public CompletionStage<Integer> reset(List<String> keys) {
      return CompletableFuture.completedStage(keys.size());
    }
  }

  private static Charge charge(Charge.Entry... entries) {
    return new Charge(List.of(entries), false, false, null);
  }

  private static Charge.Entry as(Charge.Role role, Charge.Entry entry) {
    return new Charge.Entry(role, entry.key(), entry.limit(), entry.cost());
  }

  private static Charge.Entry cost(Charge.Entry entry, long cost) {
    return new Charge.Entry(entry.role(), entry.key(), entry.limit(), cost);
  }

  private static Answer.Decided join(CompletionStage<Answer> answer) {
    return assertInstanceOf(Answer.Decided.class, answer.toCompletableFuture().join());
  }

  /** Uses a counter up, behind the cache's back. */
  private void fill(Charge.Entry entry) {
    assertTrue(join(way.counters.decide(charge(cost(entry, entry.limit().most())))).admitted());
  }

  private Answer.Decided ask(Source expected, Charge charge) {
    Answer.Decided answer = join(cache.decide(charge));
    assertEquals(expected, answer.source());
    return answer;
  }

  private Outcome.Denied denied(Source expected, Charge.Entry entry) {
    Answer.Decided answer = ask(expected, charge(entry));
    return assertInstanceOf(Outcome.Denied.class, answer.outcomes().get(0));
  }

  @Test
  void aDenial_isSaidAgainWithoutAsking_andCountsDown() {
    fill(DENIED);
    nanos = 20 * SECOND;
    assertEquals(new Outcome.Denied(0, 40_000_000, 40_000_000), denied(Source.REDIS, DENIED));
    nanos += SECOND / 2;
    Answer.Decided again = ask(Source.DENY_CACHE, charge(DENIED));
    // Half a second less a thousandth of it.
    assertEquals(List.of(new Outcome.Denied(0, 39_500_500, 39_500_500)), again.outcomes());
    assertEquals(START + 20_499_500, again.nowMicros());
    assertEquals(1, way.asked);
  }

  @Test
  void aWait_isCountedFromTheAnswer_soThatNobodyIsEarly() {
    fill(DENIED);
    way.thereNanos = 3_000 * MICRO;
    way.backNanos = 5_000 * MICRO;
    assertEquals(59_997_000, denied(Source.REDIS, DENIED).retryAfterMicros());
    assertEquals(59_997_000, denied(Source.DENY_CACHE, DENIED).retryAfterMicros());
    nanos += 999;
    assertEquals(59_997_000, denied(Source.DENY_CACHE, DENIED).retryAfterMicros());
  }

  @Test
  void aDenial_isRememberedFromBeforeItWasSent_untilAThousandthBeforeItEnds() {
    fill(DENIED);
    nanos = 59_900_000_000L;
    way.thereNanos = 20_000_000;
    way.backNanos = 10_000_000;
    assertEquals(80_000, denied(Source.REDIS, DENIED).retryAfterMicros());
    nanos = 59_900_000_000L + 79_920_000 - 1;
    assertEquals(80_000 - 49_870, denied(Source.DENY_CACHE, DENIED).retryAfterMicros());
    nanos += 1;
    denied(Source.REDIS, DENIED);
  }

  @Test
  void whatIsOverWhenTheAnswerComes_isNotRemembered() {
    fill(DENIED);
    nanos = 60 * SECOND - 2_000_000;
    way.thereNanos = 1_000_000;
    way.backNanos = 1_000_000;
    denied(Source.REDIS, DENIED);
    assertEquals(0, cache.size());
  }

  @Test
  void noDenial_isRememberedBeyondTheBound() {
    fill(DENIED);
    Charge never = charge(cost(DENIED, 11));
    for (Charge charge : List.of(charge(DENIED), never)) {
      ask(Source.REDIS, charge);
      nanos += SECOND - 1;
      ask(Source.DENY_CACHE, charge);
      nanos += 1;
      ask(Source.REDIS, charge);
    }
  }

  @Test
  void theShortestWaitOfAllThatDenied_endsIt() {
    Charge.Entry shadow =
        new Charge.Entry(Charge.Role.SHADOW, "s", FixedWindow.per(100_000, 10), 1);
    fill(DENIED);
    fill(shadow);
    Charge both = charge(DENIED, shadow);
    ask(Source.REDIS, both);
    nanos += 99_900_000 - 1;
    Answer.Decided last = ask(Source.DENY_CACHE, both);
    assertTrue(last.outcomes().stream().noneMatch(Outcome::admits));
    nanos += 1;
    ask(Source.REDIS, both);
    nanos += 100_000;
    assertTrue(ask(Source.REDIS, both).outcomes().get(1).admits());
  }

  @Test
  void whatAdmitted_isSaidAsItWas_itsTimesMovedOn() {
    Charge.Entry leaky = new Charge.Entry("b", LeakyBucket.of(10, 1_000_000, 10), 1);
    fill(DENIED);
    join(way.counters.decide(charge(cost(leaky, 3))));
    Charge both = charge(leaky, DENIED);
    assertEquals(
        new Outcome.Admitted(7, 300_000, 300_000), ask(Source.REDIS, both).outcomes().get(0));
    nanos += 200_000_000;
    assertEquals(
        new Outcome.Admitted(7, 100_200, 100_200), ask(Source.DENY_CACHE, both).outcomes().get(0));
    nanos += 200_000_000;
    assertEquals(new Outcome.Admitted(7, 0, 0), ask(Source.DENY_CACHE, both).outcomes().get(0));
  }

  @ParameterizedTest
  @EnumSource
  void ofALargerCost_onlyAFixedWindowIsSureWhenItEnds(Algorithm algorithm) {
    Charge.Entry entry = new Charge.Entry("k", limit(algorithm), 2);
    fill(entry);
    Source larger = algorithm == Algorithm.FIXED_WINDOW ? Source.DENY_CACHE : Source.REDIS;
    denied(Source.REDIS, entry);
    denied(Source.REDIS, cost(entry, 1));
    Answer.Decided three = ask(larger, charge(cost(entry, 3)));
    assertEquals(join(way.counters.decide(charge(cost(entry, 3)))).outcomes(), three.outcomes());
    // Each cost is remembered beside the others.
    for (int cost = 1; cost <= 3; cost++) {
      denied(Source.DENY_CACHE, cost(entry, cost));
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatCanNeverBe_canNotBeForMore(Algorithm algorithm) {
    Charge.Entry entry = new Charge.Entry("k", limit(algorithm), 11);
    ask(Source.REDIS, charge(entry));
    Answer.Decided more = ask(Source.DENY_CACHE, charge(cost(entry, 12)));
    assertEquals(join(way.counters.decide(charge(cost(entry, 12)))).outcomes(), more.outcomes());
    assertTrue(ask(Source.REDIS, charge(cost(entry, 10))).admitted());
  }

  private static Limit limit(Algorithm algorithm) {
    return switch (algorithm) {
      case FIXED_WINDOW -> MINUTE;
      case SLIDING_LOG -> new SlidingLog(10, 60_000_000);
      case SLIDING_COUNTER -> new SlidingCounter(10, 60_000_000);
      case TOKEN_BUCKET -> TokenBucket.of(1, 60_000_000, 10);
      case LEAKY_BUCKET -> LeakyBucket.of(1, 60_000_000, 10);
    };
  }

  @Test
  void ofManyCosts_theNewestFewAreRemembered() {
    Charge.Entry entry = new Charge.Entry("k", limit(Algorithm.TOKEN_BUCKET), 1);
    fill(entry);
    for (int cost = 1; cost <= Denials.MOST + 1; cost++) {
      denied(Source.REDIS, cost(entry, cost));
    }
    for (int cost = 2; cost <= Denials.MOST + 1; cost++) {
      denied(Source.DENY_CACHE, cost(entry, cost));
    }
    denied(Source.REDIS, entry);
  }

  @Test
  void otherCostsOfSeveralCounters_areAsked() {
    Charge.Entry second = new Charge.Entry("l", MINUTE, 1);
    fill(DENIED);
    ask(Source.REDIS, charge(DENIED, second));
    ask(Source.REDIS, charge(DENIED, cost(second, 2)));
    ask(Source.REDIS, charge(second, DENIED));
    ask(Source.REDIS, charge(DENIED));
    ask(Source.DENY_CACHE, charge(DENIED, second));
  }

  @Test
  void changedNumbers_areAsked() {
    fill(DENIED);
    denied(Source.REDIS, DENIED);
    Charge.Entry raised = new Charge.Entry("k", FixedWindow.per(60_000_000, 11), 1);
    assertTrue(ask(Source.REDIS, charge(raised)).admitted());
    Charge.Entry shadow = as(Charge.Role.SHADOW, DENIED);
    assertTrue(ask(Source.REDIS, charge(shadow)).admitted());
    denied(Source.DENY_CACHE, new Charge.Entry("k", FixedWindow.per(60_000_000, 10), 1));
  }

  @Test
  void aReset_isSeenByEveryQuestionAfterIt() {
    fill(DENIED);
    denied(Source.REDIS, DENIED);
    assertEquals(1, cache.reset(List.of("k")).toCompletableFuture().join());
    assertTrue(ask(Source.REDIS, charge(DENIED)).admitted());
  }

  @Test
  void aResetOfAnyCounterOfAQuestion_isSeen() {
    Charge.Entry one = as(Charge.Role.QUOTA, DENIED);
    Charge.Entry two = as(Charge.Role.QUOTA, new Charge.Entry("l", MINUTE, 1));
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
    join(cache.decide(new Charge(List.of(cost(DENIED, -1)), /* countDenied= */ true, false, null)));
    assertTrue(ask(Source.REDIS, charge(DENIED)).admitted());
  }

  @Test
  void anAnswerFromBeforeAReset_isNotRememberedAfterIt() {
    CompletableFuture<Answer> underWay = new CompletableFuture<>();
    DenyCache cache = new DenyCache(new Fixed(underWay), LONGEST, () -> nanos);
    fill(DENIED);
    CompletionStage<Answer> first = cache.decide(charge(DENIED));
    Answer.Decided before = join(way.counters.decide(charge(DENIED)));
    cache.reset(List.of("k")).toCompletableFuture().join();
    underWay.complete(before);
    assertSame(before, join(first));
    assertEquals(Source.REDIS, join(cache.decide(charge(DENIED))).source());
  }

  @Test
  void whatWritesOnADenialOrMayBeKept_isAlwaysAsked() {
    fill(DENIED);
    Charge.Entry tried =
        new Charge.Entry(Charge.Role.CANDIDATE, "k^", FixedWindow.per(60_000_000, 20), 1);
    List<Charge> all =
        List.of(
            charge(DENIED, tried),
            new Charge(List.of(DENIED), /* countDenied= */ true, false, null),
            new Charge(List.of(DENIED), false, false, new Charge.Idempotency("i", "f")),
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
    ask(Source.DENY_CACHE, new Charge(List.of(DENIED), false, /* wantReceipt= */ true, null));
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
        new DenyCache(new Fixed(CompletableFuture.completedStage(taken)), LONGEST, () -> nanos);
    assertSame(taken, join(cache.decide(charge(DENIED))));
    assertEquals(0, cache.size());
  }

  @Test
  void aFailure_isPassedOn_andNotRemembered() {
    StoreException away = new StoreException(StoreException.Kind.UNAVAILABLE, "away", null);
    DenyCache cache =
        new DenyCache(new Fixed(CompletableFuture.failedStage(away)), LONGEST, () -> nanos);
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
    int each = new Asked(List.of(new Charge.Entry("key-1", MINUTE, 11))).bytes();
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
