package io.limiter.ledger;

/**
 * How far ahead of need an instance may charge a counter, so that it can answer from what it took
 * without asking Redis.
 *
 * @param tokens the most that an instance holds, 1 or more
 * @param idleMicros after how long without use it gives back what it holds, in microseconds
 */
public record LeaseTerms(long tokens, long idleMicros) {
  public LeaseTerms {
    if (tokens < 1 || idleMicros < 1) {
      throw new IllegalArgumentException(
          "a lease of %d tokens for %d us; use 1 or more of both".formatted(tokens, idleMicros));
    }
  }
}
