package io.limiter.server.store.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.TokenBucket;
import io.limiter.ledger.LeaseTerms;
import io.limiter.ledger.Role;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.Source;
import io.limiter.server.store.local.LocalCounterStore;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When tokens are prefetched, how many, what is answered from them, and when they go back. */
class LeasesTest {
  private static final long HOUR_MICROS = 3_600_000_000L;
  private static final Limit WINDOW = FixedWindow.per(HOUR_MICROS, 10_000);
  private static final LeaseTerms TERMS = new LeaseTerms(1_000, 1_000_000);

  private long nowMicros = 1_766_666_400_000_000L;
  private final LocalCounterStore twin = new LocalCounterStore(() -> nowMicros);
  private final LaterSource source = new LaterSource(twin);
  private final Leases leases = new Leases(twin, source, () -> nowMicros * 1_000);

  private static Charge charge(Limit limit, long cost, @Nullable LeaseTerms terms) {
    return new Charge.Whole(List.of(new Charge.Entry(Role.ENFORCED, "k", limit, cost, terms)));
  }

  private Answer.Decided ask(Charge charge) {
    return (Answer.Decided) leases.decide(charge).toCompletableFuture().join();
  }

  private Answer.Decided ask(long cost) {
    return ask(charge(WINDOW, cost, TERMS));
  }

  private long used(Limit limit) {
    Answer.Decided look =
        (Answer.Decided) twin.decide(charge(limit, 0, null)).toCompletableFuture().join();
    return limit.limit() - look.outcomes().get(0).remaining();
  }

  /** Has the counter leased, with what was prefetched at hand. */
  private void warm() {
    ask(1);
    ask(1);
    source.finish();
    assertTrue(leases.tokens() > 0);
  }

  @Test
  void aCounterAskedOnce_isNotLeased() {
    assertEquals(Source.REDIS, ask(1).source());
    nowMicros += 51_000;
    assertEquals(Source.REDIS, ask(1).source());
    assertEquals(0, leases.counters());
    assertEquals(0, source.waiting());
  }

  @Test
  void noQuestion_waitsForADraw() {
    ask(1);
    assertEquals(Source.REDIS, ask(1).source());
    assertEquals(1, source.waiting());
    assertEquals(Source.REDIS, ask(1).source());
    assertEquals(1, source.waiting(), "one prefetch at a time");
    source.finish();
    assertEquals(Source.LEASE, ask(1).source());
  }

  @Test
  void anAnswer_saysWhatRemainsOfAll() {
    warm();
    nowMicros += 5;
    Answer.Decided answer = ask(3);
    assertTrue(answer.admitted());
    assertEquals(10_000 - 2 - 3, answer.outcomes().get(0).remaining());
    assertEquals(nowMicros, answer.nowMicros());
    assertEquals(
        HOUR_MICROS - nowMicros % HOUR_MICROS, answer.outcomes().get(0).resetAfterMicros());
  }

  @Test
  void size_followsTheTraffic_upToTheTerms() {
    long asked = 0;
    long prefetches = 0;
    for (int i = 0; i < 5_000; i++) {
      ask(1);
      asked++;
      if (source.waiting() > 0) {
        prefetches++;
        source.finish();
      }
      nowMicros += 20;
      assertTrue(leases.tokens() <= TERMS.tokens());
    }
    assertTrue(prefetches * 100 < asked, prefetches + " prefetches for " + asked + " questions");
    assertTrue(leases.tokens() > 100);
    nowMicros += 900_000;
    long held = leases.tokens();
    // Slower: 100 a second. What is held is used up before anything is prefetched, and then less
    // is.
    for (int i = 0; i < 2_000; i++) {
      ask(1);
      source.finish();
      nowMicros += 10_000;
    }
    assertTrue(leases.tokens() < held / 4, leases.tokens() + " held of " + held);
  }

  @Test
  void whatIsNotAPlainCharge_goesToRedis() {
    warm();
    Charge.Entry entry = charge(WINDOW, 1, TERMS).entries().get(0);
    assertEquals(Source.REDIS, ask(charge(WINDOW, 0, TERMS)).source());
    assertEquals(Source.REDIS, ask(charge(WINDOW, -1, TERMS)).source());
    assertEquals(Source.REDIS, ask(charge(WINDOW, 1_001, TERMS)).source());
    assertEquals(Source.REDIS, ask(new Charge.Whole(List.of(entry), true, null)).source());
    assertEquals(
        Source.REDIS,
        ask(new Charge.Whole(List.of(entry), false, new Charge.Idempotency("i", "f"))).source());
    assertEquals(Source.REDIS, ask(new Charge.Counting(List.of(entry))).source());
    Charge.Entry other = new Charge.Entry("other", WINDOW, 1);
    assertEquals(Source.REDIS, ask(new Charge.Whole(List.of(entry, other))).source());
    Charge.Entry shadow = new Charge.Entry(Role.SHADOW, "k", WINDOW, 1, TERMS);
    assertEquals(Source.REDIS, ask(new Charge.Whole(List.of(shadow))).source());
  }

  @Test
  void unused_goesBack_whenIdle() {
    warm();
    ask(1);
    assertTrue(used(WINDOW) > 3);
    nowMicros += 999_999;
    leases.sweep();
    assertEquals(0, source.waiting());
    nowMicros += 1;
    leases.sweep();
    source.finish();
    assertEquals(3, used(WINDOW));
    assertEquals(0, leases.counters());
  }

  @Test
  void ofABucket_goesBackOnlyWhatHasNotComeFree() {
    TokenBucket slow = TokenBucket.of(10, 1_000_000, 1_000);
    ask(charge(slow, 1, TERMS));
    ask(charge(slow, 1, TERMS));
    source.finish();
    assertEquals(8, leases.tokens());
    nowMicros += 1_000_000;
    assertEquals(0, leases.tokens(), "2 used, 8 held, 10 came free");
    leases.sweep();
    source.finish();
    assertEquals(0, used(slow));
  }

  @Test
  void otherNumbers_giveTheOldOnesUp() {
    warm();
    Limit lower = FixedWindow.per(HOUR_MICROS, 5_000);
    ask(charge(lower, 1, TERMS));
    source.finish();
    assertEquals(0, leases.tokens());
    assertEquals(3, used(WINDOW));
    nowMicros += 50_000;
    ask(charge(lower, 1, TERMS));
    ask(charge(lower, 1, TERMS));
    source.finish();
    assertTrue(leases.tokens() > 0);
  }

  @Test
  void reset_forgetsWhatIsHeld_andWhatIsUnderWay() {
    warm();
    for (int i = 0; i < 5; i++) {
      ask(1); // has more prefetched
    }
    assertEquals(1, source.waiting());
    leases.reset(List.of("k")).toCompletableFuture().join();
    assertEquals(0, leases.tokens());
    source.finish();
    assertEquals(0, leases.tokens());
    ask(1);
    assertEquals(0, leases.tokens());
  }

  @Test
  void anEmptyCounter_isNotPrefetchedAgainAtOnce() {
    twin.decide(charge(WINDOW, 10_000, null));
    int prefetches = 0;
    for (int i = 0; i < 10_000; i++) {
      ask(1);
      prefetches += source.waiting();
      source.finish();
      nowMicros += 100;
    }
    assertTrue(prefetches >= 5 && prefetches <= 20, prefetches + " prefetches in a second");
  }

  @Test
  void aDrawWhoseAnswerIsLost_isNotUsed() {
    ask(1);
    ask(1);
    Random failing = new Random();
    while (source.waiting() > 0) {
      source.fail(failing.nextBoolean());
    }
    assertEquals(0, leases.tokens());
    assertEquals(Source.REDIS, ask(1).source());
    assertEquals(0, source.waiting(), "and a pause follows");
  }

  @Test
  void close_givesBack_alsoWhatIsStillUnderWay() throws InterruptedException {
    warm();
    for (int i = 0; i < 5; i++) {
      ask(1);
    }
    assertEquals(1, source.waiting());
    Thread closer = new Thread(leases::close);
    closer.start();
    while (closer.isAlive()) {
      source.finish();
    }
    closer.join();
    assertEquals(7, used(WINDOW));
    assertEquals(Source.REDIS, ask(1).source());
    assertEquals(0, source.waiting());
  }

  @Test
  void leasedCounters_areBounded() {
    LeaseTerms terms = new LeaseTerms(1, 60_000_000);
    for (int i = 0; i < Leases.MOST_COUNTERS + 500; i++) {
      Charge one =
          new Charge.Whole(List.of(new Charge.Entry(Role.ENFORCED, "k" + i, WINDOW, 1, terms)));
      ask(one);
      ask(one);
    }
    assertTrue(leases.counters() <= Leases.MOST_COUNTERS);
    assertTrue(leases.counters() > Leases.MOST_COUNTERS / 2);
  }
}
