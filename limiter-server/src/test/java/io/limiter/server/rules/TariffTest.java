package io.limiter.server.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Bounds;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TariffTest {
  private static final List<String> UNITS = List.of("requests", "a", "b", "c", "d");

  /** A number of any length up to the bound, so that sums and products of all sizes come. */
  private static long any(Random random, long most) {
    long bits = random.nextLong() >>> (1 + random.nextInt(62));
    return Math.min(bits, most);
  }

  @Test
  void aSum_isExact_orTheBound_whateverTheWeightsAndAmounts() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int capped = 0;
    for (int round = 0; round < 200_000; round++) {
      Map<String, Long> weights = new LinkedHashMap<>();
      Map<String, Long> amounts = new HashMap<>();
      long requests = random.nextInt(4) == 0 ? -any(random, 1L << 32) : any(random, 1L << 52);
      BigDecimal sum = BigDecimal.ZERO;
      for (String unit : UNITS) {
        if (random.nextInt(3) > 0) {
          weights.put(unit, any(random, Tariff.MOST * Tariff.MILLIONTHS));
        }
        if (requests >= 0 && random.nextInt(3) > 0) {
          amounts.put(unit, any(random, Bounds.MAX_COUNT));
        }
        long amount = unit.equals("requests") ? requests : amounts.getOrDefault(unit, 0L);
        sum =
            sum.add(
                BigDecimal.valueOf(weights.getOrDefault(unit, 0L), 6)
                    .multiply(BigDecimal.valueOf(amount)));
      }
      if (weights.isEmpty()) {
        continue;
      }
      BigInteger exact = sum.movePointRight(6).toBigIntegerExact();
      BigInteger bound = BigInteger.valueOf(Bounds.MAX_COUNT);
      capped += exact.compareTo(bound) > 0 ? 1 : 0;
      assertEquals(
          exact.min(bound).max(bound.negate()).longValueExact(),
          new Tariff("micro_usd", weights).cost(requests, amounts),
          "seed " + seed + ": " + weights + " of " + requests + " and " + amounts);
    }
    assertTrue(capped > 1_000, "capped: " + capped);
  }

  @Test
  void theLargestLimit_isBelowTheCostThatIsTooMuch() {
    assertTrue(Tariff.MOST * Tariff.MILLIONTHS < Bounds.MAX_COUNT);
    Tariff tariff = new Tariff("u", Map.of("tokens", Tariff.MOST * Tariff.MILLIONTHS));
    assertEquals(Bounds.MAX_COUNT, tariff.cost(1, Map.of("tokens", Bounds.MAX_COUNT)));
    assertEquals(
        -Bounds.MAX_COUNT,
        new Tariff("u", Map.of("requests", 1L << 40)).cost(-(1L << 40), Map.of()));
  }

  @Test
  void withoutWeights_theAmountItselfIsCharged() {
    Map<String, Long> amounts = Map.of("tokens", 7L, "requests", 9L);
    assertEquals(3, new Tariff("").cost(3, amounts));
    assertEquals(7, new Tariff("tokens").cost(3, amounts));
    assertEquals(9, new Tariff("requests").cost(3, amounts));
    assertEquals(0, new Tariff("bytes").cost(3, amounts));
  }

  @Test
  void weights_areShownAsTheyAreWritten() {
    Map<String, Long> weights = new LinkedHashMap<>();
    weights.put("input_tokens", 3_000_000L);
    weights.put("cached_tokens", 300_000L);
    weights.put("requests", 1L);
    assertEquals(
        "input_tokens 3, cached_tokens 0.3, requests 0.000001",
        new Tariff("micro_usd", weights).text());
  }
}
