package io.limiter.server.rules;

import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Predicate;

/**
 * Finds, among many texts, those that another text begins with: one binary search, then a step for
 * each text nested in the next. Whatever text {@code p} is a prefix of {@code t}, all texts sorted
 * between the two begin with {@code p} as well; so every hit is the last text not after {@code t},
 * or one of the texts that this begins with, and those are linked when the table is built.
 *
 * <p>Immutable; a search allocates nothing.
 */
final class PrefixTable<V> {
  private final String[] prefixes;
  private final int[] parents;
  private final List<V> values;

  PrefixTable(SortedMap<String, V> entries) {
    prefixes = entries.keySet().toArray(new String[0]);
    values = List.copyOf(entries.values());
    parents = new int[prefixes.length];
    for (int i = 0; i < prefixes.length; i++) {
      int parent = i - 1;
      while (parent >= 0 && !prefixes[i].startsWith(prefixes[parent])) {
        parent = parents[parent];
      }
      parents[i] = parent;
    }
  }

  boolean isEmpty() {
    return prefixes.length == 0;
  }

  /** The most steps that any search takes after the first. */
  int longestChain() {
    int longest = 0;
    for (int i = 0; i < parents.length; i++) {
      int steps = 0;
      for (int at = parents[i]; at >= 0; at = parents[at]) {
        steps++;
      }
      longest = Math.max(longest, steps);
    }
    return longest;
  }

  /**
   * Shows {@code wanted} the value of every prefix of {@code text}, longest first, until it says
   * yes.
   *
   * @return whether it did
   */
  boolean any(String text, Predicate<? super V> wanted) {
    int found = Arrays.binarySearch(prefixes, text);
    for (int i = found >= 0 ? found : -found - 2; i >= 0; i = parents[i]) {
      if (text.startsWith(prefixes[i]) && wanted.test(values.get(i))) {
        return true;
      }
    }
    return false;
  }
}
