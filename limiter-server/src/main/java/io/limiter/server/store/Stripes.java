package io.limiter.server.store;

import io.limiter.server.key.SeededHash;

/**
 * Spreads counters over a fixed number of stripes by the seeded hash of their key. Counters that
 * share a stripe share what is kept there: whoever keeps something by stripes has to bear that. No
 * caller can choose which share one.
 */
public final class Stripes {
  /** How many there are. */
  public static final int COUNT = 1 << 14;

  private Stripes() {}

  /**
   * The stripe of a key, from 0 to below {@link #COUNT}.
   *
   * @param hash the key's {@link SeededHash}
   */
  public static int of(int hash) {
    return (hash ^ (hash >>> 16)) & (COUNT - 1);
  }
}
