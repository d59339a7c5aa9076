package io.limiter.jmh.load;

import io.limiter.jmh.load.pace.Pace;
import io.limiter.jmh.load.pace.Totals;
import io.limiter.jmh.load.service.Usage;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * One measured round.
 *
 * @param charged what Redis charged meanwhile, if that was asked for
 */
record Round(Pace.Timing timing, Totals totals, Usage used, OptionalLong charged) {

  /** Decisions a second. */
  double rate() {
    return (totals.decisions() - timing.late()) / timing.seconds();
  }

  /** Of the questions that failed, the share that was charged all the same. */
  OptionalDouble chargedOfFailed() {
    return charged.isPresent() && totals.failed() > 0
        ? OptionalDouble.of((double) (charged.getAsLong() - totals.admitted()) / totals.failed())
        : OptionalDouble.empty();
  }

  /** Of what was used, the share of one decision. */
  OptionalDouble perDecision(OptionalDouble used) {
    return used.isPresent() && totals.decisions() > 0
        ? OptionalDouble.of(used.getAsDouble() / totals.decisions())
        : OptionalDouble.empty();
  }
}
