package io.limiter.share;

/**
 * What one tenant of a shared pool is entitled to.
 *
 * @param guarantee its part of the pool in basis points, 1 to 10000. Where those of all active
 *     tenants are more than the whole, each counts in proportion
 * @param weight its part of what others leave, against their weights, 1 to 1000
 * @param borrows whether it may use what others leave at all
 */
public record ShareTerms(int guarantee, int weight, boolean borrows) {
  /** The whole pool, in basis points. */
  public static final int ALL = 10_000;

  /** The largest weight. */
  public static final int MOST_WEIGHT = 1_000;

  public ShareTerms {
    if (guarantee < 1 || guarantee > ALL || weight < 1 || weight > MOST_WEIGHT) {
      throw new IllegalArgumentException(
          "guarantee %d with weight %d is out of range; use 1 to %d with 1 to %d"
              .formatted(guarantee, weight, ALL, MOST_WEIGHT));
    }
  }
}
