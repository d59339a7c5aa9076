package io.limiter.server.store;

/**
 * Spreads counters over a fixed number of stripes by the hash of their key. Counters that share a
 * stripe share what is kept there: whoever keeps something by stripes has to bear that.
 */
public final class Stripes {
  /** How many there are. */
  public static final int COUNT = 1 << 14;

  private Stripes() {}

  /** The stripe of a key, from 0 to below {@link #COUNT}. */
  public static int of(String key) {
    int hash = key.hashCode();
    return (hash ^ (hash >>> 16)) & (COUNT - 1);
  }
}
