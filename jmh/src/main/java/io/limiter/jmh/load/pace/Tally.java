package io.limiter.jmh.load.pace;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Adds up the answers of one connection. Safe to use from any thread. */
public final class Tally {
  @GuardedBy("this")
  private long admitted;

  @GuardedBy("this")
  private long denied;

  /** How many failed of each kind. */
  @GuardedBy("this")
  private final Map<String, Long> failures = new TreeMap<>();

  @GuardedBy("this")
  private @Nullable String firstFailure;

  @GuardedBy("this")
  private final Histogram latencies = new Histogram(3);

  /** Latency is that of the call, and counts if it decided anything. */
  public synchronized void add(Score score, long latencyNanos) {
    admitted += score.admitted();
    denied += score.denied();
    if (score.failed() > 0) {
      String why = String.valueOf(score.why());
      failures.merge(kind(why), (long) score.failed(), Long::sum);
      if (firstFailure == null) {
        firstFailure = why;
      }
    }
    if (score.decisions() > 0) {
      latencies.recordValue(Math.max(0, latencyNanos));
    }
  }

  /** What stands before the first colon: a status, or who answered. */
  private static String kind(String why) {
    int colon = why.indexOf(':');
    return colon < 0 ? why : why.substring(0, colon);
  }

  public synchronized long decisions() {
    return admitted + denied;
  }

  /** Adds what there is to the totals, and starts afresh. */
  public synchronized void drainTo(Totals totals) {
    totals.add(admitted, denied, failures, firstFailure, latencies);
    admitted = 0;
    denied = 0;
    failures.clear();
    firstFailure = null;
    latencies.reset();
  }
}
