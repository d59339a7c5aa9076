package io.limiter.testing.history;

import io.limiter.algorithm.Bucket;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.LeakyBucket;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;
import java.util.Optional;

/**
 * What a limit allows, of charges of which only the bounds of their times are known. All amounts
 * are in units, of which a cost of 1 has {@link #unitsPerCost}.
 */
interface Law {

  /** More than was allowed, in units, and the charges that make it. */
  record Excess(long units, Charges charges, long from, long to) {}

  /** The law of a limit. */
  static Law of(Limit limit) {
    if (limit instanceof FixedWindow fixed) {
      return new FixedWindowLaw(fixed);
    }
    if (limit instanceof SlidingLog log) {
      return new SlidingLogLaw(log);
    }
    if (limit instanceof TokenBucket token) {
      return law(token.bucket());
    }
    if (limit instanceof LeakyBucket leaky) {
      return law(leaky.bucket());
    }
    throw new IllegalArgumentException(
        limit + " has no law here; use a fixed window, a sliding log or a bucket");
  }

  private static Law law(Bucket bucket) {
    return new BucketLaw(bucket);
  }

  /** The decision of an event, as narrow in time as its answer tells. */
  default Charge placed(Event event) {
    return Charge.between(event);
  }

  /**
   * The place where the most was charged over what so many counters of this limit allow together;
   * empty if nothing was. Whenever within their bounds the charges were made, it was too much.
   */
  Optional<Excess> mostOver(Charges charges, int counters);

  /** What was in use at least when a decision was made, if all of these were charged. */
  long leastUsed(Charges certain, Charge decision);

  /** What was in use at most, if none but these were charged, and not the decision itself. */
  long mostUsed(Charges possible, Charge decision);

  /** The most that can be in use. */
  long capacity();

  default long unitsPerCost() {
    return 1;
  }

  /** So much cost, rounded up. */
  default long costs(long units) {
    return -Math.floorDiv(-units, unitsPerCost());
  }

  /** What is told to be left may be rounded down by so many units less one. */
  default long rounding() {
    return unitsPerCost();
  }
}
