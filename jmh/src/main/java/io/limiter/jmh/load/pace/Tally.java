package io.limiter.jmh.load.pace;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Adds up the answers of one connection. Safe to use from any thread. */
public final class Tally {
  @GuardedBy("this")
  private long admitted;

  @GuardedBy("this")
  private long denied;

  @GuardedBy("this")
  private long failed;

  @GuardedBy("this")
  private @Nullable String firstFailure;

  @GuardedBy("this")
  private final Histogram latencies = new Histogram(3);

  /** Latency is that of the call, and counts if it decided anything. */
  public synchronized void add(Score score, long latencyNanos) {
    admitted += score.admitted();
    denied += score.denied();
    if (score.failed() > 0) {
      failed += score.failed();
      if (firstFailure == null) {
        firstFailure = score.why();
      }
    }
    if (score.decisions() > 0) {
      latencies.recordValue(Math.max(0, latencyNanos));
    }
  }

  public synchronized long decisions() {
    return admitted + denied;
  }

  /** Adds what there is to the totals, and starts afresh. */
  public synchronized void drainTo(Totals totals) {
    totals.add(admitted, denied, failed, firstFailure, latencies);
    admitted = 0;
    denied = 0;
    failed = 0;
    firstFailure = null;
    latencies.reset();
  }
}
