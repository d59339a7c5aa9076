package io.limiter.server.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Bounds;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PriceListTest {
  private static final List<String> UNITS = List.of("input", "output", "cached", "requests");

  private static final PriceList MODELS =
      PriceList.of(
          "models",
          "prices.yaml",
          "model",
          Map.of("small", Map.of("input", 150_000L), "large", Map.of("input", 3_000_000L)),
          Map.of("input", 15_000_000L),
          0);

  private static Map<String, Long> any(Random random) {
    Map<String, Long> amounts = new HashMap<>();
    for (String unit : UNITS) {
      if (random.nextBoolean()) {
        // All sizes are as frequent, so that some sums pass the bound and most do not.
        amounts.put(unit, random.nextLong(1L << random.nextInt(1, 50)));
      }
    }
    return amounts;
  }

  private static BigDecimal sum(Map<String, Long> weights, Map<String, Long> amounts) {
    BigDecimal sum = BigDecimal.ZERO;
    for (Map.Entry<String, Long> weight : weights.entrySet()) {
      long amount = amounts.getOrDefault(weight.getKey(), 0L);
      sum = sum.add(BigDecimal.valueOf(weight.getValue(), 6).multiply(BigDecimal.valueOf(amount)));
    }
    return sum;
  }

  @Test
  void eachRequest_isChargedExactlyByItsEntry_orTheDefault() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int capped = 0;
    int byDefault = 0;
    for (int round = 0; round < 2_000; round++) {
      Map<String, Map<String, Long>> entries = new HashMap<>();
      for (int i = random.nextInt(1, 20); i > 0; i--) {
        entries.put("model-" + random.nextInt(40), any(random));
      }
      Map<String, Long> otherwise = any(random);
      Tariff tariff =
          new Tariff("usd", PriceList.of("l", "f.yaml", "model", entries, otherwise, 0));
      for (int i = 0; i < 50; i++) {
        String model = "model-" + random.nextInt(40);
        Map<String, String> attributes =
            random.nextInt(5) == 0 ? Map.of("user", model) : Map.of("model", model, "user", "u");
        Map<String, Long> amounts = any(random);
        Map<String, Long> weights =
            attributes.containsKey("model") ? entries.getOrDefault(model, otherwise) : otherwise;
        byDefault += weights.equals(otherwise) ? 1 : 0;
        BigInteger exact = sum(weights, amounts).movePointRight(6).toBigIntegerExact();
        BigInteger bound = BigInteger.valueOf(Bounds.MAX_COUNT);
        capped += exact.compareTo(bound) > 0 ? 1 : 0;
        long requests = amounts.getOrDefault("requests", 0L);
        amounts.remove("requests");
        String said = "seed " + seed + ": " + weights + " of " + amounts + ", " + requests;
        long cost = tariff.cost(requests, amounts, attributes);
        assertEquals(exact.min(bound).longValueExact(), cost, said);
        if (!weights.isEmpty()) {
          assertEquals(cost, tariff.on(attributes).cost(requests, amounts), said);
        }
      }
    }
    assertTrue(capped > 1_000, "capped: " + capped);
    assertTrue(byDefault > 10_000, "by default: " + byDefault);
  }

  @Test
  void aTariffOfAList_countsMillionths_andIsOfOneRequestOnlyWithItsAttributes() {
    Tariff tariff = new Tariff("micro_usd", MODELS);
    assertTrue(tariff.isWeighted());
    assertEquals(Tariff.MILLIONTHS, tariff.scale());
    assertEquals("prices models", tariff.text());
    assertThrows(IllegalStateException.class, () -> tariff.cost(1, Map.of("input", 1L)));
    Tariff ofLarge = tariff.on(Map.of("model", "large"));
    assertEquals(new Tariff("micro_usd", Map.of("input", 3_000_000L)), ofLarge);
    assertSame(ofLarge, ofLarge.on(Map.of("model", "small")));
  }

  @Test
  void aListOfWhichOnlyTheNameIsKnown_isNotFree() {
    Tariff tariff = new Tariff("usd", PriceList.named("models"));
    assertTrue(tariff.isWeighted());
    assertThrows(IllegalStateException.class, () -> tariff.cost(1, Map.of(), Map.of()));
  }

  @Test
  void whichEntryIsMeant_isTold() {
    Map.of(
            Map.of("model", "large"), "entry \"large\"",
            Map.of("model", "lrage"), "default, since \"lrage\" has no entry",
            Map.of("user", "large"), "default, since attribute model is absent")
        .forEach(
            (attributes, said) ->
                assertEquals("prices models, prices.yaml: " + said, MODELS.reason(attributes)));
  }
}
