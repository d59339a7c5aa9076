package io.limiter.server.rules;

import java.util.Map;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A number for each of many texts. What a look costs in a large table is the memory it touches, so
 * it touches little: the text, and its number at the same place of another array, which does not
 * wait for the text.
 *
 * <p>Open addressing; at least half of the places are free. Immutable; a look allocates nothing.
 */
final class TextTable {
  /** 2^32 divided by the golden ratio: parts hashes that differ in few bits. */
  private static final int GOLDEN = 0x9E37_79B9;

  private final @Nullable String[] texts;
  private final long[] numbers;
  private final int shift;

  TextTable(Map<String, Long> entries) {
    int bits = 32 - Integer.numberOfLeadingZeros(Math.max(1, 2 * entries.size() - 1));
    texts = new String[1 << bits];
    numbers = new long[1 << bits];
    shift = 32 - bits;
    entries.forEach(this::put);
  }

  private void put(String text, long number) {
    int place = first(text.hashCode());
    while (texts[place] != null) {
      place = next(place);
    }
    texts[place] = text;
    numbers[place] = number;
  }

  /** Shows {@code wanted} the number of {@code text}, if there is one, and says what it said. */
  boolean any(String text, LongPredicate wanted) {
    for (int place = first(text.hashCode()); ; place = next(place)) {
      String here = texts[place];
      if (here == null) {
        return false;
      }
      if (here.equals(text)) {
        return wanted.test(numbers[place]);
      }
    }
  }

  /**
   * The same for a part of {@code text}.
   *
   * @param hash {@link String#hashCode} of the part
   */
  boolean anyPart(String text, int from, int length, int hash, LongPredicate wanted) {
    for (int place = first(hash); ; place = next(place)) {
      String here = texts[place];
      if (here == null) {
        return false;
      }
      if (here.length() == length && text.startsWith(here, from)) {
        return wanted.test(numbers[place]);
      }
    }
  }

  private int first(int hash) {
    return (hash * GOLDEN) >>> shift;
  }

  private int next(int place) {
    return (place + 1) & (texts.length - 1);
  }
}
