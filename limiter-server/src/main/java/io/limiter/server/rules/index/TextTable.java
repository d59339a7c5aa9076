package io.limiter.server.rules.index;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds, among many texts, the one that another text equals, or those that it begins with or ends
 * with.
 *
 * <p>For each length that the many texts have, it looks up the part of that length. So a search
 * grows with the other text and the number of different lengths, not with the number of texts. A
 * rolling hash makes the hash of a part from that of the part before it (Rabin and Karp, 1987).
 *
 * <p>Immutable; a search allocates nothing.
 */
final class TextTable {
  /** That of {@link String#hashCode}. */
  private static final int BASE = 31;

  /** A table for each length, shortest first. */
  private final PerfectHashTable[] texts;

  /** The same by length; null where no text has that length. */
  private final @Nullable PerfectHashTable[] byLength;

  /** A table of these texts, each with a number to know it by. */
  TextTable(Map<String, Long> numbers) {
    Map<Integer, Map<String, Long>> lengths = new HashMap<>();
    numbers.forEach(
        (text, number) ->
            lengths.computeIfAbsent(text.length(), none -> new HashMap<>()).put(text, number));
    texts =
        lengths.keySet().stream()
            .sorted()
            .map(length -> new PerfectHashTable(lengths.getOrDefault(length, Map.of())))
            .toArray(PerfectHashTable[]::new);
    byLength = new PerfectHashTable[isEmpty() ? 0 : texts[texts.length - 1].length() + 1];
    for (PerfectHashTable some : texts) {
      byLength[some.length()] = some;
    }
  }

  boolean isEmpty() {
    return texts.length == 0;
  }

  /** The most lookups that a search at either end takes. */
  int mostLookups() {
    return texts.length;
  }

  /** What {@code visitor} says to the number of {@code value}; false if that is absent. */
  boolean any(String value, LongPredicate visitor) {
    PerfectHashTable some = value.length() < byLength.length ? byLength[value.length()] : null;
    return some != null && some.any(value, /* from= */ 0, value.hashCode(), visitor);
  }

  /**
   * Shows {@code visitor} the number of every text that {@code value} begins with, shortest first,
   * until it says yes.
   *
   * @return whether it did
   */
  boolean anyStart(String value, LongPredicate visitor) {
    int hash = 0;
    int at = 0;
    for (PerfectHashTable some : texts) {
      if (some.length() > value.length()) {
        return false;
      }
      for (; at < some.length(); at++) {
        hash = BASE * hash + value.charAt(at);
      }
      if (some.any(value, /* from= */ 0, hash, visitor)) {
        return true;
      }
    }
    return false;
  }

  /** The same for the texts that {@code value} ends with. */
  boolean anyEnd(String value, LongPredicate visitor) {
    int hash = 0;
    int power = 1;
    int at = value.length();
    for (PerfectHashTable some : texts) {
      int from = value.length() - some.length();
      if (from < 0) {
        return false;
      }
      while (at > from) {
        hash += power * value.charAt(--at);
        power *= BASE;
      }
      if (some.any(value, from, hash, visitor)) {
        return true;
      }
    }
    return false;
  }
}
