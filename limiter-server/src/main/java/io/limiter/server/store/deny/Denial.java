package io.limiter.server.store.deny;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Outcome;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.ClockDrift;
import io.limiter.server.store.Source;
import java.util.List;

/**
 * A cached denial.
 *
 * @param entries what was asked
 * @param answer what the store answered
 * @param receivedNanos when the answer came, by this host's clock
 * @param endNanos when to ask the store again, by this host's clock
 * @param generation of the counters, from before they were asked
 */
record Denial(
    List<Charge.Entry> entries,
    Answer.Decided answer,
    long receivedNanos,
    long endNanos,
    long generation) {

  /** How long every entry that denied goes on to do so, by this host's clock. */
  static long lastsNanos(Answer.Decided denied) {
    long shortest = Long.MAX_VALUE;
    for (Outcome outcome : denied.outcomes()) {
      if (outcome instanceof Outcome.Denied denies) {
        shortest = Math.min(shortest, ClockDrift.atMostNanos(denies.retryAfterMicros()));
      }
    }
    return shortest;
  }

  /** Whether it is not over and was not invalidated. */
  boolean lasts(long generationNow, long nowNanos) {
    return generation == generationNow && nowNanos - endNanos < 0;
  }

  /**
   * Whether it is the answer to these costs too.
   *
   * @param asked as {@code entries}, but for the costs
   */
  boolean answers(List<Charge.Entry> asked) {
    if (entries.size() == 1) {
      long cost = asked.get(0).cost();
      return cost == entries.get(0).cost() || (cost > entries.get(0).cost() && deniesAlike(cost));
    }
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).cost() != asked.get(i).cost()) {
        return false;
      }
    }
    return true;
  }

  /** Whether its one counter says the same to a larger cost. */
  private boolean deniesAlike(long cost) {
    return answer.outcomes().get(0) instanceof Outcome.Never
        || (entries.get(0).limit() instanceof FixedWindow window && cost <= window.limit());
  }

  /** What is to be said at a later time. */
  Answer.Decided at(long nowNanos) {
    // Another thread may have read its clock before this was received. The wait stays above 0,
    // since this ends sooner.
    long passedMicros = ClockDrift.atLeastMicros(Math.max(0, nowNanos - receivedNanos));
    List<Outcome> then = answer.outcomes();
    Outcome[] now = new Outcome[then.size()];
    for (int i = 0; i < now.length; i++) {
      now[i] = moved(then.get(i), passedMicros);
    }
    return new Answer.Decided(
        /* admitted= */ false,
        now.length == 1 ? List.of(now[0]) : List.of(now),
        answer.nowMicros() + passedMicros,
        /* receipt= */ null,
        /* replayed= */ false,
        Source.DENY_CACHE);
  }

  private static Outcome moved(Outcome outcome, long micros) {
    long reset = Math.max(0, outcome.resetAfterMicros() - micros);
    if (outcome instanceof Outcome.Denied denied) {
      return new Outcome.Denied(denied.remaining(), reset, denied.retryAfterMicros() - micros);
    }
    if (outcome instanceof Outcome.Admitted admitted) {
      long delay = Math.max(0, admitted.delayMicros() - micros);
      return new Outcome.Admitted(admitted.remaining(), reset, delay);
    }
    return new Outcome.Never(outcome.remaining(), reset);
  }
}
