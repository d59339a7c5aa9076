package io.limiter.server.estimate;

/**
 * What a caller guessed that a request will use of one rule, and what is held in its place. In
 * parts of the rule's unit, as its tariff counts.
 *
 * @param guessed 1 or more; 0 if nobody learns from it
 * @param held 1 to {@code guessed}
 */
public record Guess(long guessed, long held) {
  /** Of a rule that does not estimate, and of a request that holds nothing of it. */
  public static final Guess NONE = new Guess(0, 0);

  /** Whether another cost is held than the caller guessed. */
  public boolean isCorrected() {
    return held != guessed;
  }
}
