package io.limiter.server.fair;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A whole that many holders take parts of: calls, connections, bytes. Safe to use from any thread.
 *
 * <p>Nobody may hold more than is still free. So one holder alone gets half of the whole, and two
 * that want all of it get a third each. However many there are, something is left for the next. (It
 * is the dynamic threshold of Choudhury and Hahne, "Dynamic Queue Length Thresholds", 1998.)
 */
public final class FairShare {
  private final long whole;
  private final AtomicLong taken = new AtomicLong();

  /**
   * A whole of which nothing is taken.
   *
   * @param whole 2 or more, of which one holder alone gets half
   */
  public FairShare(long whole) {
    if (whole < 2) {
      throw new IllegalArgumentException(
          "whole %d is out of range; use 2 or more".formatted(whole));
    }
    this.whole = whole;
  }

  /** How much all holders hold. */
  public long taken() {
    return taken.get();
  }

  /** The most that may be taken in all. */
  public long whole() {
    return whole;
  }

  /** A holder that holds nothing. */
  public Holder holder() {
    return new Holder();
  }

  /** One that takes and gives back. */
  public final class Holder {
    private final AtomicLong held = new AtomicLong();

    private Holder() {}

    /**
     * Takes so much more.
     *
     * @return false, and nothing is taken, if it would then hold more than is free
     */
    public boolean take(long more) {
      long all = taken.addAndGet(more);
      if (held.addAndGet(more) > whole - all) {
        giveBack(more);
        return false;
      }
      return true;
    }

    /** Takes so much more, for what is bounded elsewhere and only counted here. */
    public void takeAnyway(long more) {
      held.addAndGet(more);
      taken.addAndGet(more);
    }

    /** Gives back what it took. */
    public void giveBack(long less) {
      held.addAndGet(-less);
      taken.addAndGet(-less);
    }

    /** Gives back all that it holds. To be called when it takes nothing any more. */
    public void giveBackAll() {
      taken.addAndGet(-held.getAndSet(0));
    }

    /** How much it holds. */
    public long held() {
      return held.get();
    }
  }
}
