package io.limiter.server.store.deny;

import io.limiter.server.store.Charge;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a question asks of which counters, apart from how much: equal for the same roles, keys and
 * limits in the same order, whatever the costs.
 */
final class Asked {
  private final List<Charge.Entry> entries;
  private final int hash;

  Asked(List<Charge.Entry> entries) {
    this.entries = entries;
    int hash = 0;
    for (int i = 0; i < entries.size(); i++) {
      hash = 31 * hash + entries.get(i).key().hashCode();
    }
    this.hash = hash;
  }

  /** About what it takes of the heap to remember one denial of it. */
  int bytes() {
    int bytes = 300;
    for (Charge.Entry entry : entries) {
      bytes += 160 + entry.key().length();
    }
    return bytes;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Asked asked && hash == asked.hash && sameAs(asked.entries);
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
