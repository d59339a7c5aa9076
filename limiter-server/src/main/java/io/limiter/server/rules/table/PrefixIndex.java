package io.limiter.server.rules.table;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds, among many prefixes, the first one in a given order that a text begins with. A search is
 * one look into a sorted map, then one comparison of lengths for each nested prefix.
 *
 * <p>Whatever {@code p} is a prefix of {@code t}, all texts sorted between the two begin with
 * {@code p} as well. So the longest prefix of {@code t} is the last one not after {@code t}, or a
 * prefix of that one. Each entry knows the first of itself and its own prefixes.
 *
 * <p>Immutable; a search copies no text.
 */
final class PrefixIndex<V> {
  private final TreeMap<String, Entry<V>> sorted = new TreeMap<>();

  /**
   * A prefix among the others.
   *
   * @param parent the longest other prefix that this one begins with
   * @param order the place of {@code first} in the order
   * @param first the value that comes first of this prefix and of those that it begins with
   */
  private record Entry<V>(String prefix, @Nullable Entry<V> parent, int order, V first) {}

  /** A value and its place in the order. */
  private record Ordered<V>(int order, V value) {}

  /**
   * An index of these prefixes and their values.
   *
   * @param values in the order that decides
   */
  PrefixIndex(Map<String, V> values) {
    TreeMap<String, Ordered<V>> prefixes = new TreeMap<>();
    values.forEach((prefix, value) -> prefixes.put(prefix, new Ordered<>(prefixes.size(), value)));
    Deque<Entry<V>> open = new ArrayDeque<>();
    prefixes.forEach(
        (prefix, own) -> {
          while (!open.isEmpty() && !prefix.startsWith(open.element().prefix)) {
            open.pop();
          }
          Entry<V> parent = open.peek();
          Entry<V> entry =
              parent != null && parent.order < own.order
                  ? new Entry<>(prefix, parent, parent.order, parent.first)
                  : new Entry<>(prefix, parent, own.order, own.value);
          sorted.put(prefix, entry);
          open.push(entry);
        });
  }

  /** The value that comes first of the prefixes that {@code text} begins with; null for none. */
  @Nullable V first(String text) {
    Map.Entry<String, Entry<V>> last = sorted.floorEntry(text);
    if (last == null) {
      return null;
    }
    int common = common(text, last.getKey());
    Entry<V> entry = last.getValue();
    while (entry != null && entry.prefix.length() > common) {
      entry = entry.parent;
    }
    return entry == null ? null : entry.first;
  }

  private static int common(String one, String other) {
    int most = Math.min(one.length(), other.length());
    int common = 0;
    while (common < most && one.charAt(common) == other.charAt(common)) {
      common++;
    }
    return common;
  }
}
