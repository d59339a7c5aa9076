package io.limiter.server.rules;

import io.limiter.algorithm.Bounds;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a rule is charged for a request: an amount that the request names, or a weighted sum of
 * several, whose weights may be those of a list. Immutable.
 *
 * <p>Weights have up to six decimals. So a sum is counted in millionths of the rule's unit, and so
 * are its limit and what is stored: every sum is exact. This is the only place that knows of it,
 * but for {@code Verdict.Status} and {@link LimitSyntax}, which tell whole units.
 *
 * @param unit what the rule counts; empty for requests
 * @param weights what one of each unit of a request adds to the sum, in millionths of {@code unit},
 *     0 to {@link #MOST} times {@link #MILLIONTHS}; empty: the request's amount of {@code unit}
 *     itself is charged
 * @param prices where the weights of each request are; null if {@code weights} are those of all
 */
public record Tariff(String unit, Map<String, Long> weights, @Nullable PriceList prices) {
  /** As many parts of a unit are told apart. */
  public static final long MILLIONTHS = 1_000_000;

  /** The largest weight and the largest limit, in whole units. */
  public static final long MOST = Bounds.MAX_COUNT / MILLIONTHS;

  /** How weights call what a request costs rules that count requests. */
  public static final String REQUESTS = "requests";

  public Tariff {
    weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
  }

  /** The same weights for all requests. */
  public Tariff(String unit, Map<String, Long> weights) {
    this(unit, weights, /* prices= */ null);
  }

  /** The weights of a list. */
  public Tariff(String unit, PriceList prices) {
    this(unit, Map.of(), prices);
  }

  /** One amount, as the request names it. */
  public Tariff(String unit) {
    this(unit, Map.of());
  }

  /** Whether it is a weighted sum. */
  public boolean isWeighted() {
    return prices != null || !weights.isEmpty();
  }

  /** The same as it is for one request: with the weights themselves, wherever they are from. */
  public Tariff on(Map<String, String> attributes) {
    return prices == null ? this : new Tariff(unit, prices.of(attributes));
  }

  /** How many parts of a unit make one. */
  public long scale() {
    return isWeighted() ? MILLIONTHS : 1;
  }

  /**
   * What a request is charged, in parts of the unit as {@link #scale} says. More than 2^52 is 2^52:
   * that is more than any limit of a weighted sum, so no such request is ever admitted.
   *
   * @param requests its cost; below 0 if something is given back
   * @param unitCosts its amounts of other units; of one that it does not name, 0
   * @param attributes of the request, by which a list finds the weights
   */
  public long cost(long requests, Map<String, Long> unitCosts, Map<String, String> attributes) {
    return prices == null
        ? cost(requests, unitCosts)
        : sum(prices.of(attributes), requests, unitCosts);
  }

  /**
   * The same where the weights are known.
   *
   * @throws IllegalStateException if they depend on the request, see {@link #on}
   */
  public long cost(long requests, Map<String, Long> unitCosts) {
    if (prices != null) {
      throw new IllegalStateException("charged by a list, " + prices);
    }
    if (!isWeighted()) {
      return unit.isEmpty() ? requests : unitCosts.getOrDefault(unit, 0L);
    }
    return sum(weights, requests, unitCosts);
  }

  private static long sum(Map<String, Long> weights, long requests, Map<String, Long> unitCosts) {
    long sum = 0;
    for (Map.Entry<String, Long> weight : weights.entrySet()) {
      String name = weight.getKey();
      long amount = name.equals(REQUESTS) ? requests : unitCosts.getOrDefault(name, 0L);
      sum = bounded(sum + product(weight.getValue(), amount));
    }
    return sum;
  }

  private static long product(long weight, long amount) {
    long high = Math.multiplyHigh(weight, amount);
    long low = weight * amount;
    // The high half of what fits is nothing but the sign of the low one.
    return high == low >> (Long.SIZE - 1)
        ? bounded(low)
        : high < 0 ? -Bounds.MAX_COUNT : Bounds.MAX_COUNT;
  }

  private static long bounded(long cost) {
    return Math.max(-Bounds.MAX_COUNT, Math.min(cost, Bounds.MAX_COUNT));
  }

  /** The weights for people: {@code input_tokens 3, cached_tokens 0.3}. Empty if there are none. */
  public String text() {
    return prices != null ? prices.toString() : text(weights);
  }

  private static String text(Map<String, Long> weights) {
    return weights.entrySet().stream()
        .map(weight -> weight.getKey() + ' ' + decimal(weight.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String decimal(long millionths) {
    String whole = Long.toString(millionths / MILLIONTHS);
    String rest = "%06d".formatted(millionths % MILLIONTHS).replaceAll("0+$", "");
    return rest.isEmpty() ? whole : whole + '.' + rest;
  }
}
