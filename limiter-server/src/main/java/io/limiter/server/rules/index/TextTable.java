package io.limiter.server.rules.index;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds, among many texts, the one that another text equals, or those that it begins with, ends
 * with or contains: for each length that the many texts have, it looks up the part of that length.
 * So a search grows with the other text and with the number of different lengths, and not with the
 * number of texts. The hash of a part comes from that of the part before it in one step.
 *
 * <p>Immutable; a search allocates nothing.
 */
final class TextTable {
  /** That of {@link String#hashCode}. */
  private static final int BASE = 31;

  /** Those of each length, shortest first. */
  private final EqualLengthTexts[] texts;

  /** The same at the place of their length, so that a look for an equal text knows its way. */
  private final @Nullable EqualLengthTexts[] byLength;

  /** A table of these texts, each with a number to know it by. */
  TextTable(Map<String, Long> numbers) {
    Map<Integer, Map<String, Long>> lengths = new HashMap<>();
    numbers.forEach(
        (text, number) ->
            lengths.computeIfAbsent(text.length(), none -> new HashMap<>()).put(text, number));
    texts =
        lengths.keySet().stream()
            .sorted()
            .map(length -> new EqualLengthTexts(lengths.getOrDefault(length, Map.of())))
            .toArray(EqualLengthTexts[]::new);
    byLength = new EqualLengthTexts[isEmpty() ? 0 : texts[texts.length - 1].length() + 1];
    for (EqualLengthTexts some : texts) {
      byLength[some.length()] = some;
    }
  }

  boolean isEmpty() {
    return texts.length == 0;
  }

  /** The most looks that a search at either end takes. */
  int mostLooks() {
    return texts.length;
  }

  /** Shows {@code wanted} the number of {@code value}, if there is one, and says what it said. */
  boolean any(String value, LongPredicate wanted) {
    EqualLengthTexts some = value.length() < byLength.length ? byLength[value.length()] : null;
    return some != null && some.any(value, /* from= */ 0, value.hashCode(), wanted);
  }

  /**
   * Shows {@code wanted} the number of every text that {@code value} begins with, shortest first,
   * until it says yes.
   *
   * @return whether it did
   */
  boolean anyStart(String value, LongPredicate wanted) {
    int hash = 0;
    int at = 0;
    for (EqualLengthTexts some : texts) {
      if (some.length() > value.length()) {
        return false;
      }
      for (; at < some.length(); at++) {
        hash = BASE * hash + value.charAt(at);
      }
      if (some.any(value, /* from= */ 0, hash, wanted)) {
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
    for (EqualLengthTexts some : texts) {
      int from = value.length() - some.length();
      if (from < 0) {
        return false;
      }
      while (at > from) {
        hash += power * value.charAt(--at);
        power *= BASE;
      }
      if (some.any(value, from, hash, wanted)) {
        return true;
      }
    }
    return false;
  }

  /** The same for the texts that {@code value} contains, once for each place they stand at. */
  boolean anyWithin(String value, LongPredicate wanted) {
    for (EqualLengthTexts some : texts) {
      if (some.length() > value.length()) {
        return false;
      }
      if (anyWithin(some, value, wanted)) {
        return true;
      }
    }
    return false;
  }

  private static boolean anyWithin(EqualLengthTexts some, String value, LongPredicate wanted) {
    int length = some.length();
    int hash = 0;
    int power = 1;
    for (int at = 0; at < length; at++) {
      hash = BASE * hash + value.charAt(at);
      power *= BASE;
    }
    int last = value.length() - length;
    for (int from = 0; !some.any(value, from, hash, wanted); from++) {
      if (from == last) {
        return false;
      }
      hash = BASE * hash + value.charAt(from + length) - power * value.charAt(from);
    }
    return true;
  }
}
