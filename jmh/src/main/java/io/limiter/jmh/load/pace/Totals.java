package io.limiter.jmh.load.pace;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** What the questions of one round came to. */
public final class Totals {
  private final Histogram latencies = new Histogram(3);
  private long admitted;
  private long denied;
  private long failed;
  private @Nullable String firstFailure;

  public static Totals drain(Iterable<Tally> tallies) {
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

  public long decisions() {
    return admitted + denied;
  }

  public long failed() {
    return failed;
  }

  /** Of the decisions. */
  public double deniedShare() {
    return decisions() == 0 ? 0 : (double) denied / decisions();
  }

  public @Nullable String firstFailure() {
    return firstFailure;
  }

  public double millisAt(double percentile) {
    return latencies.getValueAtPercentile(percentile) / 1e6;
  }

  public double maxMillis() {
    return latencies.getMaxValue() / 1e6;
  }
}
