package io.limiter.server.rules;

import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;

/**
 * Finds, among many texts, those that another text begins with, ends with, or contains: for each
 * length that the many texts have, it looks up the part of that length. So a search grows with the
 * other text and with the number of different lengths, and not with the number of texts. The hash
 * of a part comes from that of the part before it in one step.
 *
 * <p>Immutable; a search allocates nothing.
 */
final class AffixTable {
  private static final int BASE = 31;

  private final TextTable table;
  private final int[] lengths;

  /** A table of these texts, each with a number to know it by. */
  AffixTable(Map<String, Long> numbers) {
    table = new TextTable(numbers);
    lengths = lengths(numbers.keySet());
  }

  private static int[] lengths(Set<String> texts) {
    return texts.stream().mapToInt(String::length).sorted().distinct().toArray();
  }

  boolean isEmpty() {
    return lengths.length == 0;
  }

  /** The most looks that a search at either end takes. */
  int mostLooks() {
    return lengths.length;
  }

  /**
   * Shows {@code wanted} the number of every text that {@code value} begins with, until it says
   * yes.
   *
   * @return whether it did
   */
  boolean anyStart(String value, LongPredicate wanted) {
    int hash = 0;
    int at = 0;
    for (int length : lengths) {
      if (length > value.length()) {
        return false;
      }
      for (; at < length; at++) {
        hash = BASE * hash + value.charAt(at);
      }
      if (table.anyPart(value, 0, length, hash, wanted)) {
        return true;
      }
    }
    return false;
  }

  /** The same for the texts that {@code value} ends with. */
  boolean anyEnd(String value, LongPredicate wanted) {
    int hash = 0;
    int power = 1;
    int at = value.length();
    for (int length : lengths) {
      int from = value.length() - length;
      if (from < 0) {
        return false;
      }
      while (at > from) {
        hash += power * value.charAt(--at);
        power *= BASE;
      }
      if (table.anyPart(value, from, length, hash, wanted)) {
        return true;
      }
    }
    return false;
  }

  /** The same for the texts that {@code value} contains, once for each place they stand at. */
  boolean anyWithin(String value, LongPredicate wanted) {
    for (int length : lengths) {
      if (length > value.length()) {
        return false;
      }
      if (length == 0 ? table.any("", wanted) : anyWithin(value, length, wanted)) {
        return true;
      }
    }
    return false;
  }

  private boolean anyWithin(String value, int length, LongPredicate wanted) {
    int hash = 0;
    int power = 1;
    for (int at = 0; at < length; at++) {
      hash = BASE * hash + value.charAt(at);
      power *= BASE;
    }
    int last = value.length() - length;
    for (int from = 0; !table.anyPart(value, from, length, hash, wanted); from++) {
      if (from == last) {
        return false;
      }
      hash = BASE * hash + value.charAt(from + length) - power * value.charAt(from);
    }
    return true;
  }
}
