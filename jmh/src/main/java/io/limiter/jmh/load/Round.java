package io.limiter.jmh.load;

import io.limiter.jmh.load.pace.Pace;
import io.limiter.jmh.load.pace.Totals;
import io.limiter.jmh.load.service.Usage;
import java.util.OptionalDouble;

/** One measured round. */
record Round(Pace.Timing timing, Totals totals, Usage used) {

  /** Decisions a second. */
  double rate() {
    return (totals.decisions() - timing.late()) / timing.seconds();
  }

  /** Of what was used, the share of one decision. */
  OptionalDouble perDecision(OptionalDouble used) {
    return used.isPresent() && totals.decisions() > 0
        ? OptionalDouble.of(used.getAsDouble() / totals.decisions())
        : OptionalDouble.empty();
  }
}
