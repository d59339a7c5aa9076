package io.limiter.server.rules.table;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds, among many texts, the one given first of those that another text begins with: one search
 * in a sorted map, however many texts there are, then a comparison of two lengths for each text
 * that the found one begins with.
 *
 * <p>Whatever text {@code p} is a prefix of {@code t}, all texts sorted between the two begin with
 * {@code p} as well. So the longest prefix of {@code t} is the last text not after {@code t}, or a
 * prefix of that one. Each text knows the first given of itself and its own prefixes.
 *
 * <p>Immutable; a search copies no text.
 */
final class FirstPrefix<V> {
  private final TreeMap<String, Entry<V>> sorted = new TreeMap<>();

  /**
   * A text among the others.
   *
   * @param parent the longest other text that this one begins with
   * @param order the place in which {@code first} was given
   * @param first the value given first of this text and of those that it begins with
   */
  private record Entry<V>(String text, @Nullable Entry<V> parent, int order, V first) {}

  /** A value and its place. */
  private record Given<V>(int order, V value) {}

  /**
   * Of these texts and their values.
   *
   * @param given in the order that decides
   */
  FirstPrefix(Map<String, V> given) {
    TreeMap<String, Given<V>> texts = new TreeMap<>();
    given.forEach((text, value) -> texts.put(text, new Given<>(texts.size(), value)));
    Deque<Entry<V>> open = new ArrayDeque<>();
    texts.forEach(
        (text, own) -> {
          while (!open.isEmpty() && !text.startsWith(open.element().text)) {
            open.pop();
          }
          Entry<V> parent = open.peek();
          Entry<V> entry =
              parent != null && parent.order < own.order
                  ? new Entry<>(text, parent, parent.order, parent.first)
                  : new Entry<>(text, parent, own.order, own.value);
          sorted.put(text, entry);
          open.push(entry);
        });
  }

  /** The value given first of the texts that {@code text} begins with; null if there is none. */
  @Nullable V of(String text) {
    Map.Entry<String, Entry<V>> last = sorted.floorEntry(text);
    if (last == null) {
      return null;
    }
    int common = common(text, last.getKey());
    Entry<V> entry = last.getValue();
    while (entry != null && entry.text.length() > common) {
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
