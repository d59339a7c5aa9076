package io.limiter.jmh.load.traffic;

import java.util.SplittableRandom;

/** What the next question is about. For one slot: not thread-safe. */
public final class Traffic {
  /**
   * Denied questions are about at most so many keys: each of them is admitted once before it is
   * used up, which is over soon after the start.
   */
  static final int USED_UP_KEYS = 1_000;

  private final Keys keys;
  private final double deniedShare;
  private final SplittableRandom random;
  private boolean denied;

  /**
   * @param deniedShare of the questions, 0 to 1, that are aimed at counters that are used up
   */
  public Traffic(Keys keys, double deniedShare, long seed) {
    this.keys = keys;
    this.deniedShare = deniedShare;
    random = new SplittableRandom(seed);
  }

  /** The key of the next question. */
  public int next() {
    denied = deniedShare > 0 && random.nextDouble() < deniedShare;
    int key = keys.draw(random);
    return denied ? key % USED_UP_KEYS : key;
  }

  /** Whether that question is aimed at a counter that is used up. */
  public boolean denied() {
    return denied;
  }
}
