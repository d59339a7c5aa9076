package io.limiter.server.rules.index;

import java.util.SortedMap;
import java.util.function.LongPredicate;

/**
 * A table from texts of one length to numbers, for those that hashes cannot tell apart. A search
 * takes as many steps as the number of texts has bits, and compares few characters twice.
 * Immutable; a search allocates nothing.
 */
final class SortedTexts {
  private final String[] texts;
  private final long[] numbers;

  /** A table of these texts, all of one length. */
  SortedTexts(SortedMap<String, Long> entries) {
    texts = entries.keySet().toArray(new String[0]);
    numbers = entries.values().stream().mapToLong(Long::longValue).toArray();
  }

  /**
   * Looks up a part of {@code text}.
   *
   * @param from where the part begins; it is as long as the texts here
   * @return what {@code visitor} says to its number; false if the part is absent
   */
  boolean any(String text, int from, LongPredicate visitor) {
    int low = 0;
    int high = texts.length - 1;
    // What the part has in common with a text below and one above, it has with all between.
    int commonBelow = 0;
    int commonAbove = 0;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      String one = texts[middle];
      int common = Math.min(commonBelow, commonAbove);
      while (common < one.length() && text.charAt(from + common) == one.charAt(common)) {
        common++;
      }
      if (common == one.length()) {
        return visitor.test(numbers[middle]);
      }
      if (text.charAt(from + common) < one.charAt(common)) {
        high = middle - 1;
        commonAbove = common;
      } else {
        low = middle + 1;
        commonBelow = common;
      }
    }
    return false;
  }
}
