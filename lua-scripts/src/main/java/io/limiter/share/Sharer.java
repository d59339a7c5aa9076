package io.limiter.share;

/**
 * One tenant of a shared pool.
 *
 * @param since the {@link Sharers#since} that it belongs to
 * @param stop the end of the epoch in which it asked last
 * @param at when {@code held} was so much
 * @param held what is left of its guarantee, in tokens
 * @param guarantee in basis points, as it counts in this epoch
 * @param tag how much it has borrowed in this epoch by its weight, or counts as having borrowed
 * @param lent how much it has borrowed in this epoch, in tokens
 * @param weight as it counts in this epoch
 */
record Sharer(
    long since,
    long stop,
    long at,
    double held,
    long guarantee,
    double tag,
    double lent,
    long weight) {

  /** After something was given back: what it borrowed last goes back first. */
  Sharer credited(long cost) {
    double back = Math.min((double) cost, lent);
    return new Sharer(
        since, stop, at, held + (cost - back), guarantee, tag - back / weight, lent - back, weight);
  }
}
