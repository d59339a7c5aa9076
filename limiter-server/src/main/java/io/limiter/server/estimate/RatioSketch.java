package io.limiter.server.estimate;

import java.util.Arrays;

/**
 * How often which share of a guess was used: a histogram of logarithmic buckets. It takes some 150
 * bytes, whatever it has seen. Not safe to share between threads.
 *
 * <p>Shares from {@link #LEAST} to 1 are told apart, eight to an octave. So a quantile is never
 * less than that of what was added, and at most {@link #ERROR} of it more. Less counts as the
 * least, more as 1.
 *
 * <p>Old shares fade: when {@value #MOST} have been counted, every count is halved.
 */
final class RatioSketch {
  /** How many shares are counted before all counts are halved. */
  static final int MOST = 1_024;

  private static final int PER_OCTAVE = 8;
  private static final int OCTAVES = 6;
  private static final int BUCKETS = OCTAVES * PER_OCTAVE + 1;

  /** The least share that is told apart. */
  static final double LEAST = 1.0 / (1 << OCTAVES);

  /** By how much of itself a quantile may be told too high: 0.0905. */
  static final double ERROR = Math.pow(2, 1.0 / PER_OCTAVE) - 1;

  /** The largest share of each bucket. */
  private static final double[] LARGEST = new double[BUCKETS];

  static {
    for (int i = 0; i < BUCKETS; i++) {
      LARGEST[i] = Math.pow(2, (double) (i + 1 - BUCKETS) / PER_OCTAVE);
    }
  }

  private final short[] counts = new short[BUCKETS];
  private int total;

  /**
   * Takes a share in.
   *
   * @param share what was used, divided by what was guessed; 0 or more
   */
  void add(double share) {
    if (total == MOST) {
      halve();
    }
    int place = Arrays.binarySearch(LARGEST, share);
    counts[Math.min(place < 0 ? -1 - place : place, BUCKETS - 1)]++;
    total++;
  }

  private void halve() {
    total = 0;
    for (int i = 0; i < BUCKETS; i++) {
      counts[i] = (short) (counts[i] / 2);
      total += counts[i];
    }
  }

  /** How many shares count: at most {@value #MOST}. */
  int total() {
    return total;
  }

  /**
   * The share that no more than so many were within.
   *
   * @param percent 1 to 100, of those that count
   * @return {@link #LEAST} to 1; 1 if none counts
   */
  double quantile(int percent) {
    int rank = (total * percent + 99) / 100;
    int below = 0;
    for (int i = 0; i < BUCKETS; i++) {
      below += counts[i];
      if (below >= rank && below > 0) {
        return LARGEST[i];
      }
    }
    return 1;
  }
}
