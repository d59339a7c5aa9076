package io.limiter.server.store;

import java.util.LinkedHashMap;
import java.util.Map;

/** A map of a bounded size: keeps what was used last. Not safe to share between threads. */
public final class Recent<K, V> extends LinkedHashMap<K, V> {
  private static final long serialVersionUID = 1L;
  private final int most;

  /**
   * An empty one.
   *
   * @param most how many entries it keeps; 1 or more
   */
  public Recent(int most) {
    super(/* initialCapacity= */ 16, /* loadFactor= */ 0.75f, /* accessOrder= */ true);
    this.most = most;
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > most;
  }
}
