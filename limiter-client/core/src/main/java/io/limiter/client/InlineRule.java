package io.limiter.client;

import io.limiter.v1.Algorithm;
import java.time.Duration;
import java.util.List;

/**
 * A rule that comes with a question and is applied in place of the domain's. Immutable: every step
 * returns another one. Numbers are 0 or more, times are positive. The service refuses what passes
 * its bounds.
 */
public final class InlineRule {
  private final io.limiter.v1.InlineRule message;

  private InlineRule(io.limiter.v1.InlineRule message) {
    this.message = message;
  }

  /** At most {@code limit} in each {@code window}, the windows aligned to the epoch. */
  public static InlineRule fixedWindow(String name, long limit, Duration window) {
    return window(name, Algorithm.FIXED_WINDOW, limit, window);
  }

  /** At most {@code limit} in any {@code window} that ends now, exactly. */
  public static InlineRule slidingLog(String name, long limit, Duration window) {
    return window(name, Algorithm.SLIDING_LOG, limit, window);
  }

  /** Nearly the same, estimated from two fixed windows, in constant space. */
  public static InlineRule slidingCounter(String name, long limit, Duration window) {
    return window(name, Algorithm.SLIDING_COUNTER, limit, window);
  }

  /** {@code rate} tokens are added each {@code period}, up to {@code capacity}. */
  public static InlineRule tokenBucket(String name, long rate, Duration period, long capacity) {
    return bucket(name, Algorithm.TOKEN_BUCKET, rate, period, capacity);
  }

  /** {@code rate} are drained each {@code period} from a queue of at most {@code capacity}. */
  public static InlineRule leakyBucket(String name, long rate, Duration period, long capacity) {
    return bucket(name, Algorithm.LEAKY_BUCKET, rate, period, capacity);
  }

  /**
   * At most {@code limit} at the same time.
   *
   * @param hold how long each lasts if it is not given back
   */
  public static InlineRule concurrency(String name, long limit, Duration hold) {
    return new InlineRule(
        io.limiter.v1.InlineRule.newBuilder()
            .setName(name)
            .setAlgorithm(Algorithm.CONCURRENCY_LIMIT)
            .setLimit(notNegative("inline_rules.limit", limit))
            .setHold(Wire.message(hold))
            .build());
  }

  /**
   * One counter for each distinct combination of these attributes' values. Without attributes: one
   * counter for all.
   */
  public InlineRule key(String... attributes) {
    return new InlineRule(message.toBuilder().clearKey().addAllKey(List.of(attributes)).build());
  }

  /** What it counts, charged by {@link CheckRequest#unitCost}; by default, requests. */
  public InlineRule unit(String unit) {
    return new InlineRule(message.toBuilder().setUnit(unit).build());
  }

  io.limiter.v1.InlineRule message() {
    return message;
  }

  @Override
  public String toString() {
    return message.toString();
  }

  private static InlineRule window(String name, Algorithm algorithm, long limit, Duration window) {
    return new InlineRule(
        io.limiter.v1.InlineRule.newBuilder()
            .setName(name)
            .setAlgorithm(algorithm)
            .setLimit(notNegative("inline_rules.limit", limit))
            .setWindow(Wire.message(window))
            .build());
  }

  private static InlineRule bucket(
      String name, Algorithm algorithm, long rate, Duration period, long capacity) {
    return new InlineRule(
        io.limiter.v1.InlineRule.newBuilder()
            .setName(name)
            .setAlgorithm(algorithm)
            .setRate(notNegative("inline_rules.rate", rate))
            .setPeriod(Wire.message(period))
            .setCapacity(notNegative("inline_rules.capacity", capacity))
            .build());
  }

  private static long notNegative(String field, long value) {
    if (value < 0) {
      // On the wire a negative number would turn into one near 2^64.
      throw new InvalidRequestException(field, value + " is below 0; pass 0 or more");
    }
    return value;
  }
}
