package io.limiter.server.decide.outcome;

import io.limiter.algorithm.Outcome;

/** Deals out what a counter said to several that asked it together. */
public final class Dealt {
  private Dealt() {}

  /**
   * What a counter says to one of the descriptors that share it.
   *
   * @param outcome what it said to all of them together
   * @param upTo what this one and those before it ask
   * @param total what all ask
   * @param admitted whether all of them were admitted
   */
  public static Outcome of(Outcome outcome, long upTo, long total, boolean admitted) {
    if (upTo == total) {
      return outcome;
    }
    if (outcome instanceof Outcome.Admitted admits) {
      return new Outcome.Admitted(
          Math.max(0, admits.remaining() + (admitted ? total - upTo : 0)),
          admits.resetAfterMicros(),
          admits.delayMicros());
    }
    return upTo <= outcome.remaining()
        ? new Outcome.Admitted(outcome.remaining(), outcome.resetAfterMicros(), 0)
        : outcome;
  }
}
