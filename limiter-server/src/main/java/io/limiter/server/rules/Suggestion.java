package io.limiter.server.rules;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** What somebody who mistyped a word probably meant. */
public final class Suggestion {
  /** As many letters of a name may be wrong. */
  private static final int TYPO = 2;

  private Suggestion() {}

  /**
   * The known word nearest to {@code word}, if half of the shorter one's letters or fewer differ.
   */
  public static Optional<String> nearest(String word, Collection<String> known) {
    String lower = word.toLowerCase(Locale.ROOT);
    return known.stream()
        .filter(other -> Math.abs(other.length() - word.length()) <= 3)
        .filter(
            other ->
                2 * distance(lower, other.toLowerCase(Locale.ROOT))
                    <= Math.min(word.length(), other.length()))
        .min(
            Comparator.<String>comparingInt(
                    other -> distance(lower, other.toLowerCase(Locale.ROOT)))
                .thenComparing(Comparator.naturalOrder()));
  }

  /**
   * The known name that was meant by {@code name}: a typo away, or with more or fewer words behind.
   *
   * @param separator between the words of a name
   * @return empty if none is near
   */
  public static Optional<String> nearestName(
      String name, Collection<String> known, char separator) {
    return known.stream()
        .filter(other -> isNear(name, other, separator) || other.startsWith(name + separator))
        .min(
            Comparator.<String>comparingInt(other -> distance(name, other))
                .thenComparing(Comparator.naturalOrder()));
  }

  /** Whether {@code name} is {@code known} with at most two letters wrong. */
  public static boolean isTypo(String name, String known) {
    return distance(name, known) <= TYPO;
  }

  private static boolean isNear(String name, String known, char separator) {
    if (isTypo(name, known) || name.startsWith(known + separator)) {
      return true;
    }
    // "--redis-pasword" for "--redis-password-file": with as many words, a typo away.
    int end = endOfWords(known, words(name, separator), separator);
    return end < known.length() && isTypo(name, known.substring(0, end));
  }

  private static int words(String name, char separator) {
    return (int) name.chars().filter(c -> c == separator).count() + 1;
  }

  private static int endOfWords(String name, int words, char separator) {
    int left = words;
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) == separator && --left == 0) {
        return i;
      }
    }
    return name.length();
  }

  /** The remedy for a mistyped word: {@code did you mean a?}, or if none is near, all of them. */
  public static String meant(String word, Collection<String> known) {
    return nearest(word, known)
        .map("did you mean %s?"::formatted)
        .orElseGet(() -> "use " + oneOf(known));
  }

  /** The words as a choice: {@code a, b or c}. */
  public static String oneOf(Collection<String> words) {
    String all = String.join(", ", words);
    int last = all.lastIndexOf(", ");
    return last < 0 ? all : all.substring(0, last) + " or " + all.substring(last + 2);
  }

  /** Levenshtein's: the fewest letters to insert, remove or replace. */
  private static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
