package io.limiter.server.fair;

import java.util.concurrent.ConcurrentHashMap;

/**
 * A {@link FairShare} whose holders are known by a key. Nothing is kept of one that holds nothing.
 * Safe to use from any thread.
 */
public final class KeyedShares<K> {
  private final FairShare share;
  private final ConcurrentHashMap<K, FairShare.Holder> holders = new ConcurrentHashMap<>();

  /**
   * A whole of which nothing is taken.
   *
   * @param whole 2 or more, of which one holder alone gets half
   */
  public KeyedShares(long whole) {
    share = new FairShare(whole);
  }

  /**
   * Takes one more.
   *
   * @return false, and nothing is taken, if the holder would then hold more than is free
   */
  public boolean take(K key) {
    boolean[] taken = new boolean[1];
    holders.compute(
        key,
        (same, known) -> {
          FairShare.Holder holder = known == null ? share.holder() : known;
          taken[0] = holder.take(1);
          return holder.held() == 0 ? null : holder;
        });
    return taken[0];
  }

  /** Gives back one that was taken. */
  public void giveBack(K key) {
    holders.computeIfPresent(
        key,
        (same, holder) -> {
          holder.giveBack(1);
          return holder.held() == 0 ? null : holder;
        });
  }

  /** How much all holders hold. */
  public long taken() {
    return share.taken();
  }

  /** How many hold anything. */
  public int holders() {
    return holders.size();
  }
}
