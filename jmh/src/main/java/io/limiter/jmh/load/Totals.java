package io.limiter.jmh.load;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** What the questions of one round came to. */
final class Totals {
  private final Histogram latencies = new Histogram(3);
  private long admitted;
  private long denied;
  private long failed;
  private @Nullable String firstFailure;

  static Totals drain(Iterable<Tally> tallies) {
    Totals totals = new Totals();
    tallies.forEach(tally -> tally.drainTo(totals));
    return totals;
  }

  void add(
      long admitted, long denied, long failed, @Nullable String firstFailure, Histogram latencies) {
    this.admitted += admitted;
    this.denied += denied;
    this.failed += failed;
    if (this.firstFailure == null) {
      this.firstFailure = firstFailure;
    }
    this.latencies.add(latencies);
  }

  long decisions() {
    return admitted + denied;
  }

  long failed() {
    return failed;
  }

  /** Of the decisions. */
  double deniedShare() {
    return decisions() == 0 ? 0 : (double) denied / decisions();
  }

  @Nullable String firstFailure() {
    return firstFailure;
  }

  double millisAt(double percentile) {
    return latencies.getValueAtPercentile(percentile) / 1e6;
  }

  double maxMillis() {
    return latencies.getMaxValue() / 1e6;
  }
}
