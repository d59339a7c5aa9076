package io.limiter.share;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.TokenBucket;
import io.limiter.share.SharedPool.Tenant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A shared pool against a fluid one, which divides each moment: first everybody has up to its
 * guarantee, and what is left is divided by weights among those who want more. Demands come and go
 * at random. A window after each change every tenant has what the fluid gives it.
 */
class SharedFluidTest {
  private static final long SECOND = SharedPool.SECOND;
  private static final long LIMIT = 4_000;
  private static final int PHASES = 40;
  private static final int WINDOWS = 4;

  /** Of the pool, over the windows that are compared. */
  private static final double TOLERANCE = 0.02;

  static Stream<Limit> pools() {
    return Stream.of(TokenBucket.of(LIMIT, SECOND, LIMIT), FixedWindow.per(SECOND, LIMIT));
  }

  @ParameterizedTest
  @MethodSource("pools")
  void aWindowAfterDemandsHaveChanged_everybodyHasWhatTheFluidGives(Limit limit) {
    Random random = new Random(20_261_128);
    double worst = 0;
    double least = 1;
    for (int run = 0; run < 3; run++) {
      SharedPool pool = new SharedPool(limit, random);
      List<ShareTerms> terms = terms(random);
      for (int phase = 0; phase < PHASES; phase++) {
        List<Tenant> tenants = demanding(terms, random);
        pool.run(tenants, 2);
        SharedPool.Admitted admitted = pool.run(tenants, WINDOWS);
        Map<String, Double> fluid = fluid(tenants, admitted, WINDOWS * (double) LIMIT);
        double whole = 0;
        for (Tenant tenant : tenants) {
          double off =
              (admitted.of(tenant.name()) - fluid.getOrDefault(tenant.name(), 0.0))
                  / (WINDOWS * LIMIT);
          worst = Math.max(worst, Math.abs(off));
          whole += fluid.getOrDefault(tenant.name(), 0.0);
          assertTrue(
              Math.abs(off) <= TOLERANCE,
              () ->
                  "%s: %s is off by %.4f of the pool: %s, %s"
                      .formatted(limit, tenant, off, fluid, admitted));
        }
        least = Math.min(least, whole == 0 ? 1 : admitted.sum() / whole);
      }
    }

    assertTrue(least >= 0.98, limit + " used " + least);
  }

  /** Guarantees that are together the whole pool at most. */
  private static List<ShareTerms> terms(Random random) {
    List<ShareTerms> terms = new ArrayList<>();
    int left = ShareTerms.ALL;
    for (int i = 0; i < 3 + random.nextInt(8); i++) {
      int guarantee = Math.min(left, 100 + random.nextInt(2_500));
      left -= guarantee;
      if (guarantee > 0) {
        terms.add(new ShareTerms(guarantee, 1 + random.nextInt(4), true));
      }
    }
    return terms;
  }

  private static List<Tenant> demanding(List<ShareTerms> terms, Random random) {
    List<Tenant> tenants = new ArrayList<>();
    for (int i = 0; i < terms.size(); i++) {
      double own = LIMIT * terms.get(i).guarantee() / (double) ShareTerms.ALL;
      double asks =
          switch (random.nextInt(5)) {
            case 0 -> 0;
            case 1 -> own * random.nextDouble();
            case 2 -> own * (1 + random.nextDouble());
            case 3 -> own * 10;
            default -> 3 * LIMIT;
          };
      tenants.add(new Tenant("t" + i, terms.get(i), asks, 1));
    }
    return tenants;
  }

  private static Map<String, Double> fluid(
      List<Tenant> tenants, SharedPool.Admitted admitted, double whole) {
    Map<String, Double> given = new HashMap<>();
    double left = whole;
    for (Tenant tenant : tenants) {
      double own = whole * tenant.terms().guarantee() / ShareTerms.ALL;
      double gets = Math.min(own, (double) admitted.asked(tenant.name()));
      given.put(tenant.name(), gets);
      left -= gets;
    }
    List<Tenant> hungry = new ArrayList<>(tenants);
    while (left > 1e-6 && !hungry.isEmpty()) {
      hungry.removeIf(
          one -> given.getOrDefault(one.name(), 0.0) >= admitted.asked(one.name()) - 1e-9);
      double weights = hungry.stream().mapToDouble(one -> one.terms().weight()).sum();
      double rise = left;
      for (Tenant one : hungry) {
        double lacks = admitted.asked(one.name()) - given.getOrDefault(one.name(), 0.0);
        rise = Math.min(rise, lacks / one.terms().weight());
      }
      rise = Math.min(rise, left / Math.max(1, weights));
      for (Tenant one : hungry) {
        given.merge(one.name(), rise * one.terms().weight(), Double::sum);
      }
      left -= rise * weights;
    }
    return given;
  }
}
