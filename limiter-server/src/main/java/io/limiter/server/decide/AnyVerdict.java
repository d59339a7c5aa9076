package io.limiter.server.decide;

import java.util.List;

/**
 * The decision on several {@link Request}s of which at most one is charged.
 *
 * @param from the place of the first that is told of, from 0; more than 0 only if this repeats the
 *     answer to an earlier question
 * @param told what each was told from there on, 1 or more. Only the last may be allowed
 */
public record AnyVerdict(int from, List<Verdict> told) {

  public AnyVerdict {
    told = List.copyOf(told);
  }

  /** The place of the one that is allowed, from 0; -1 if none is. */
  public int chosen() {
    return told.get(told.size() - 1).allowed() ? from + told.size() - 1 : -1;
  }

  /** The place of the one to go by: the one that is allowed, or else may be soonest. */
  public int nearest() {
    if (chosen() >= 0) {
      return chosen();
    }
    int nearest = 0;
    for (int i = 1; i < told.size(); i++) {
      if (wait(i) < wait(nearest)) {
        nearest = i;
      }
    }
    return from + nearest;
  }

  private long wait(int index) {
    return told.get(index).retryAfterMicros().orElse(Long.MAX_VALUE);
  }

  /** What the one at a place was told. */
  public Verdict at(int place) {
    return told.get(place - from);
  }
}
