package io.limiter.client.upstream;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What an upstream said of its limit on one unit. Immutable.
 *
 * @param unit what it counts; empty for requests
 * @param limit what it admits in each of its windows; 1 to 2^52
 * @param remaining what is left of its present window; 0 to 2^52. Only together with resetAfter
 * @param resetAfter until its window begins anew; positive, at most 366 days
 * @param blockedFor until it takes anything again; positive, at most 366 days
 */
public record Observation(
    String unit,
    OptionalLong limit,
    OptionalLong remaining,
    Optional<Duration> resetAfter,
    Optional<Duration> blockedFor) {

  /** The longest time that can be told. */
  public static final Duration LONGEST = Duration.ofDays(366);

  /** The largest number that can be told. */
  public static final long MOST = 1L << 52;

  /**
   * Checks it.
   *
   * @throws IllegalArgumentException if it is out of bounds, or says nothing; the message says what
   *     to pass
   */
  public Observation {
    check("limit", limit, 1);
    check("remaining", remaining, 0);
    check("resetAfter", resetAfter);
    check("blockedFor", blockedFor);
    if (remaining.isPresent() && resetAfter.isEmpty()) {
      throw new IllegalArgumentException(
          "remaining %d has no resetAfter; say for how long it counts"
              .formatted(remaining.getAsLong()));
    }
    if (limit.isEmpty() && remaining.isEmpty() && blockedFor.isEmpty()) {
      throw new IllegalArgumentException(
          "the observation says nothing; give it a limit, what remains, or a block");
    }
  }

  /** So many requests are left until then. */
  public static Observation remaining(long remaining, Duration resetAfter) {
    return new Observation(
        "",
        OptionalLong.empty(),
        OptionalLong.of(remaining),
        Optional.of(resetAfter),
        Optional.empty());
  }

  /** No request is taken for so long. */
  public static Observation blocked(Duration blockedFor) {
    return new Observation(
        "", OptionalLong.empty(), OptionalLong.empty(), Optional.empty(), Optional.of(blockedFor));
  }

  /** The same of another unit, such as {@code tokens}. */
  public Observation withUnit(String unit) {
    return new Observation(unit, limit, remaining, resetAfter, blockedFor);
  }

  /** The same with what is admitted in each window. */
  public Observation withLimit(long limit) {
    return new Observation(unit, OptionalLong.of(limit), remaining, resetAfter, blockedFor);
  }

  /** The same with a block. */
  public Observation withBlock(Duration blockedFor) {
    return new Observation(unit, limit, remaining, resetAfter, Optional.of(blockedFor));
  }

  private static void check(String name, OptionalLong number, long least) {
    if (number.isPresent() && (number.getAsLong() < least || number.getAsLong() > MOST)) {
      throw new IllegalArgumentException(
          "%s %d is not within %d and 2^52; leave it out if it is not known"
              .formatted(name, number.getAsLong(), least));
    }
  }

  private static void check(String name, Optional<Duration> time) {
    if (time.isPresent()
        && (time.get().isNegative() || time.get().isZero() || time.get().compareTo(LONGEST) > 0)) {
      throw new IllegalArgumentException(
          "%s %s is not within 1 ns and 366 days; leave it out if it is not known"
              .formatted(name, time.get()));
    }
  }
}
