package io.limiter.algorithm;

/** What a limit answered, and what is stored for the counter from then on. */
public record Step(Outcome outcome, CounterState after) {

  /** What {@code limit} says after something was given back to leave {@code after}. */
  static Step credited(Limit limit, CounterState after, long nowMicros) {
    Outcome left = limit.decide(after, 0, nowMicros).outcome();
    return new Step(
        new Outcome.Admitted(left.remaining(), left.resetAfterMicros(), /* delayMicros= */ 0),
        after);
  }
}
