package io.limiter.algorithm;

/** What a limit answered, and what is stored for the counter from then on. */
public record Step(Outcome outcome, CounterState after) {

  /** What {@code limit} says after something was given back to leave {@code after}. */
  public static Step credited(Limit limit, CounterState after, long nowMicros) {
    Outcome left = limit.decide(after, 0, nowMicros).outcome();
    return new Step(
        new Outcome.Admitted(left.remaining(), left.resetAfterMicros(), /* delayMicros= */ 0),
        after);
  }

  /**
   * What a limit's {@link Limit#overcharge} does.
   *
   * @param widest the limit with the largest number there is
   */
  static Step overcharged(
      Limit limit, Limit widest, CounterState before, long cost, long nowMicros) {
    long room = widest.decide(before, 0, nowMicros).outcome().remaining();
    CounterState after =
        room == 0 ? before : widest.decide(before, Math.min(cost, room), nowMicros).after();
    return looked(limit, after, nowMicros);
  }

  /** What {@code limit} says to a look at {@code after}. */
  static Step looked(Limit limit, CounterState after, long nowMicros) {
    return new Step(limit.decide(after, 0, nowMicros).outcome(), after);
  }
}
