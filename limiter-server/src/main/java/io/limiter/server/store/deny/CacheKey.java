package io.limiter.server.store.deny;

import io.limiter.server.store.Charge;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a question asks of which counters, whatever the costs: equal for the same roles, keys and
 * limits in the same order. Immutable.
 */
final class CacheKey {
  private final List<Charge.Entry> entries;
  private final int hash;

  /**
   * The key of a question.
   *
   * @param hash of its counters, such as no caller can choose: questions of one hash are searched
   *     one after another
   */
  CacheKey(List<Charge.Entry> entries, int hash) {
    this.entries = entries;
    this.hash = hash;
  }

  /** About how much of the heap one cached denial of it takes. */
  int bytes() {
    int bytes = 300;
    for (Charge.Entry entry : entries) {
      bytes += 160 + entry.key().length();
    }
    return bytes;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CacheKey key && hash == key.hash && sameAs(key.entries);
  }

  private boolean sameAs(List<Charge.Entry> others) {
    if (entries.size() != others.size()) {
      return false;
    }
    for (int i = 0; i < others.size(); i++) {
      Charge.Entry one = entries.get(i);
      Charge.Entry other = others.get(i);
      if (one.role() != other.role()
          || !one.key().equals(other.key())
          || !one.limit().equals(other.limit())) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
