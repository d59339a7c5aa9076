package io.limiter.jmh.load.pace;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** What the questions of one round came to. */
public final class Totals {
  private final Histogram latencies = new Histogram(3);
  private long admitted;
  private long denied;
  private final Map<String, Long> failures = new TreeMap<>();
  private @Nullable String firstFailure;

  public static Totals drain(Iterable<Tally> tallies) {
    Totals totals = new Totals();
    tallies.forEach(tally -> tally.drainTo(totals));
    return totals;
  }

  void add(
      long admitted,
      long denied,
      Map<String, Long> failures,
      @Nullable String firstFailure,
      Histogram latencies) {
    this.admitted += admitted;
    this.denied += denied;
    failures.forEach((kind, count) -> this.failures.merge(kind, count, Long::sum));
    if (this.firstFailure == null) {
      this.firstFailure = firstFailure;
    }
    this.latencies.add(latencies);
  }

  public long decisions() {
    return admitted + denied;
  }

  public long admitted() {
    return admitted;
  }

  public long failed() {
    return failures.values().stream().mapToLong(Long::longValue).sum();
  }

  /** How many questions failed of each kind. */
  public Map<String, Long> failures() {
    return Collections.unmodifiableMap(failures);
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
