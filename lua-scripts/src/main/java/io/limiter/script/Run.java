package io.limiter.script;

import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * What a question is told that was asked several times: each time what it would have been told had
 * it been asked alone, after those before it.
 */
public final class Run {
  private final Limit limit;
  private final long cost;
  private final int granted;
  private final Outcome.@Nullable Admitted all;
  private final long inUse;
  private final @Nullable Outcome beyond;

  /**
   * A run.
   *
   * @param granted how many were admitted: the first ones
   * @param all what a charge of all that were admitted is told; null if there are none
   * @param inUse of a bucket what was in use before them
   * @param beyond what all others are told; null if there are none
   */
  Run(
      Limit limit,
      long cost,
      int granted,
      Outcome.@Nullable Admitted all,
      long inUse,
      @Nullable Outcome beyond) {
    this.limit = limit;
    this.cost = cost;
    this.granted = granted;
    this.all = all;
    this.inUse = inUse;
    this.beyond = beyond;
  }

  /** What the question is told the {@code index}th time, from 0. */
  public Outcome outcome(int index) {
    Outcome.Admitted admitted = all;
    if (index < granted && admitted != null) {
      return granted == 1 ? admitted : limit.dealt(admitted, inUse, cost, index, granted);
    }
    Outcome denied = beyond;
    if (denied == null) {
      throw new IndexOutOfBoundsException("outcome %d of a run of %d".formatted(index, granted));
    }
    return denied;
  }
}
