package io.limiter.share;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.CounterState;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.TokenBucket;
import io.limiter.share.SharedPool.Tenant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What tenants of a shared pool can count on. */
class SharedLimitTest {
  private static final long SECOND = SharedPool.SECOND;
  private static final long LIMIT = 10_000;
  private static final ShareTerms TENTH = new ShareTerms(1_000, 1, true);

  private final Random random = new Random(20_261_128);

  static Stream<Limit> pools() {
    return Stream.of(TokenBucket.of(LIMIT, SECOND, LIMIT), FixedWindow.per(SECOND, LIMIT));
  }

  private static Tenant tenant(String name, ShareTerms terms, double perWindow) {
    return new Tenant(name, terms, perWindow, 1);
  }

  /** Nine that ask for so much in a window, and one that asks for a hundred times its share. */
  private static List<Tenant> ten(double perWindow) {
    List<Tenant> tenants = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      tenants.add(tenant("t" + i, TENTH, perWindow));
    }
    tenants.add(tenant("hog", TENTH, 100.0 * LIMIT / 10));
    return tenants;
  }

  @ParameterizedTest
  @MethodSource("pools")
  void oneAsksForAHundredTimesItsShare_theOthersGetTheirs(Limit limit) {
    for (double asks : new double[] {LIMIT / 10.0, LIMIT / 5.0}) {
      SharedPool pool = new SharedPool(limit, random);
      pool.run(ten(asks), 2);
      SharedPool.Admitted admitted = pool.run(ten(asks), 10);
      for (int i = 0; i < 9; i++) {
        long got = admitted.of("t" + i);
        assertTrue(got >= 0.99 * LIMIT, limit + " t" + i + " was admitted " + got);
      }
      long all = admitted.sum();
      assertTrue(all >= 0.98 * 10 * LIMIT, limit + " used " + all);
    }
  }

  @ParameterizedTest
  @MethodSource("pools")
  void whatNobodyUses_isLent_whoeverIsActive(Limit limit) {
    for (double asks : new double[] {0, LIMIT / 500.0, LIMIT / 40.0, LIMIT / 15.0}) {
      SharedPool pool = new SharedPool(limit, random);
      pool.run(ten(asks), 2);
      SharedPool.Admitted admitted = pool.run(ten(asks), 10);
      long all = admitted.sum();
      assertTrue(all >= 0.98 * 10 * LIMIT, "%s asks %s: used %d".formatted(limit, asks, all));
      for (int i = 0; i < 9 && asks > 0; i++) {
        long got = admitted.of("t" + i);
        assertTrue(got >= 9.9 * asks - 2, "%s asks %s: t%d got %d".formatted(limit, asks, i, got));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pools")
  void whatWasLent_isBackAfterAWindow(Limit limit) {
    SharedPool pool = new SharedPool(limit, random);
    pool.run(ten(0), 3.3);
    // From the first question on: at least at the rate of the guarantee, but for a window's rest.
    pool.run(ten(LIMIT / 5.0), limit instanceof FixedWindow ? 0.7 : 1);
    SharedPool.Admitted admitted = pool.run(ten(LIMIT / 5.0), 1);
    for (int i = 0; i < 9; i++) {
      long got = admitted.of("t" + i);
      assertTrue(got >= 0.099 * LIMIT, limit + " t" + i + " was admitted " + got);
    }
  }

  @Test
  void aNewTenantOfABucket_hasTheRateOfItsGuaranteeAtOnce() {
    SharedPool pool = new SharedPool(TokenBucket.of(LIMIT, SECOND, LIMIT), random);
    pool.run(ten(0), 3.3);
    SharedPool.Admitted admitted = pool.run(ten(LIMIT / 5.0), 0.5);
    for (int i = 0; i < 9; i++) {
      long got = admitted.of("t" + i);
      assertTrue(got >= 0.049 * LIMIT, "t" + i + " was admitted " + got);
    }
  }

  @ParameterizedTest
  @MethodSource("pools")
  void aloneATenant_hasAllOfThePool_atOnce(Limit limit) {
    SharedPool pool = new SharedPool(limit, random);
    Tenant alone = tenant("alone", TENTH, 1);
    assertEquals(LIMIT - 1, pool.ask(alone, 1).remaining());
    assertTrue(pool.ask(alone, LIMIT - 1).admits());
    assertInstanceOf(Outcome.Denied.class, pool.ask(alone, 1));
  }

  @ParameterizedTest
  @MethodSource("pools")
  void borrowersShareByWeight_howeverOftenTheyAsk(Limit limit) {
    ShareTerms one = new ShareTerms(500, 1, true);
    ShareTerms three = new ShareTerms(500, 3, true);
    List<Tenant> tenants =
        List.of(
            tenant("hog", one, 100 * LIMIT),
            tenant("one", one, LIMIT),
            tenant("three", three, LIMIT),
            tenant("light", three, LIMIT / 20.0));
    SharedPool pool = new SharedPool(limit, random);
    pool.run(tenants, 2);
    SharedPool.Admitted admitted = pool.run(tenants, 10);
    double spare = 10 * LIMIT * (1 - 4 * 0.05) / 5;
    double own = 10 * LIMIT * 0.05;
    assertEquals(own, (double) admitted.of("light"), 0.02 * 10 * LIMIT, "light of " + admitted);
    assertEquals(own + spare, (double) admitted.of("one"), 0.02 * 10 * LIMIT, "one of " + admitted);
    assertEquals(own + spare, (double) admitted.of("hog"), 0.02 * 10 * LIMIT, "hog of " + admitted);
    assertEquals(
        own + 3 * spare, (double) admitted.of("three"), 0.03 * 10 * LIMIT, "three " + admitted);
  }

  @ParameterizedTest
  @MethodSource("pools")
  void guaranteesBeyondTheWhole_countInProportion(Limit limit) {
    ShareTerms half = new ShareTerms(5_000, 1, true);
    ShareTerms fourth = new ShareTerms(2_500, 1, true);
    List<Tenant> tenants =
        List.of(
            tenant("a", half, 3 * LIMIT),
            tenant("b", half, 3 * LIMIT),
            tenant("c", fourth, LIMIT),
            tenant("d", half, 100 * LIMIT),
            tenant("e", fourth, LIMIT));
    SharedPool pool = new SharedPool(limit, random);
    pool.run(tenants, 3);
    SharedPool.Admitted admitted = pool.run(tenants, 10);
    for (Tenant tenant : tenants) {
      double part = 10 * LIMIT * tenant.terms().guarantee() / 20_000.0;
      assertTrue(admitted.of(tenant.name()) >= 0.98 * part, tenant + " of " + admitted);
    }
  }

  @ParameterizedTest
  @MethodSource("pools")
  void whoMayNotBorrow_hasItsGuaranteeAlone(Limit limit) {
    ShareTerms hard = new ShareTerms(1_000, 1, false);
    SharedPool pool = new SharedPool(limit, random);
    Tenant strict = tenant("strict", hard, 3 * LIMIT);
    pool.run(List.of(strict), 2);
    long got = pool.run(List.of(strict), 10).sum();
    assertEquals(1, got / (double) LIMIT, 0.01);
    long most = SharedLimit.guaranteed(limit, 1_000);
    assertInstanceOf(Outcome.Never.class, pool.ask(strict, most + 1));
  }

  @Test
  void inAWindow_theLimitHolds_andAllOfItIsUsed() {
    SharedPool pool = new SharedPool(FixedWindow.per(SECOND, LIMIT), random);
    for (int i = 0; i < 20; i++) {
      long all = pool.run(ten(random.nextInt(2_000)), 1).sum();
      assertTrue(all <= LIMIT && all >= 0.98 * LIMIT, "window " + i + " admitted " + all);
    }
  }

  /** A burst of a bucket and what it refills in that time. */
  @Test
  void inAnyTime_aBucketAdmitsNoMoreThanItWouldToOne() {
    SharedPool pool = new SharedPool(TokenBucket.of(LIMIT, SECOND, LIMIT), random);
    pool.run(ten(0), 3);
    for (int i = 0; i < 20; i++) {
      double windows = random.nextDouble() * 2;
      long all = pool.run(ten(random.nextInt(2_000)), windows).sum();
      assertTrue(all <= LIMIT * (1 + windows) + 1, windows + " admitted " + all);
    }
  }

  /** Where guarantees are no more than the whole. */
  @ParameterizedTest
  @MethodSource("pools")
  void whatActiveTenantsHold_isAlwaysThere(Limit limit) {
    for (int run = 0; run < 20; run++) {
      List<Tenant> tenants = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        ShareTerms terms = new ShareTerms(200 + random.nextInt(800), 1 + random.nextInt(5), true);
        tenants.add(tenant("t" + i, terms, 1));
      }
      SharedPool pool = new SharedPool(limit, random);
      for (int step = 0; step < 3_000; step++) {
        pool.now += random.nextLong(random.nextInt(100) == 0 ? 2 * SECOND : SECOND / 300);
        pool.ask(
            tenants.get(random.nextInt(10)), 1 + random.nextInt(random.nextInt(5) == 0 ? 900 : 20));
        double held = 0;
        for (Tenant tenant : tenants) {
          SharedLimit shared = new SharedLimit(limit, tenant.terms(), tenant.name());
          SharedStep look =
              new SharedStep(shared, SharedState.of(pool.state), /* cost= */ 0, pool.now);
          held += look.isActive() ? look.held() : 0;
        }
        CounterState counter = SharedState.of(pool.state).pool();
        long room = limit.decide(counter, 0, pool.now).outcome().remaining();
        assertTrue(held <= room + 1, "run %d step %d: %f of %d".formatted(run, step, held, room));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pools")
  void retryAfter_isWhenItIsAdmitted_ifNothingElseComes(Limit limit) {
    int exact = 0;
    int denials = 0;
    for (int step = 0; step < 40_000; step++) {
      if (step % 2_000 == 0) {
        fresh = new SharedPool(limit, random);
      }
      fresh.now += random.nextLong(random.nextInt(100) == 0 ? 2 * SECOND : SECOND / 100);
      int i = random.nextInt(6);
      ShareTerms terms = new ShareTerms(200 + 437 * i, 1 + i % 3, i > 0);
      Tenant tenant = tenant("t" + i, terms, 1);
      long cost = 1 + random.nextLong(random.nextInt(3) == 0 ? 10_000 : 300);
      if (fresh.ask(tenant, cost) instanceof Outcome.Denied denied) {
        denials++;
        SharedLimit shared = new SharedLimit(limit, tenant.terms(), tenant.name());
        long at = fresh.now + denied.retryAfterMicros();
        assertTrue(
            shared.decide(fresh.state, cost, at).outcome().admits(),
            "step %d %s cost %d: %s".formatted(step, tenant, cost, denied));
        exact += shared.decide(fresh.state, cost, at - 2).outcome().admits() ? 0 : 1;
      }
    }
    assertTrue(denials > 5_000 && exact > 0.95 * denials, exact + " exact of " + denials);
  }

  private SharedPool fresh = new SharedPool(FixedWindow.per(SECOND, LIMIT), random);
}
