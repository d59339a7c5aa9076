package io.limiter.server.store.deny;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.LeakyBucket;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.ledger.Role;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.Source;
import io.limiter.testing.Limits;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How long a denial is remembered, of what, and what is said of it. */
class DenyCacheTest extends DenyCacheHarness {
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
    Charge.Entry shadow = new Charge.Entry(Role.SHADOW, "s", FixedWindow.per(100_000, 10), 1);
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
    return Limits.of(algorithm, 10, 60_000_000, /* rate= */ 1, 60_000_000);
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
    Charge.Entry shadow = as(Role.SHADOW, DENIED);
    assertTrue(ask(Source.REDIS, charge(shadow)).admitted());
    denied(Source.DENY_CACHE, new Charge.Entry("k", FixedWindow.per(60_000_000, 10), 1));
  }
}
