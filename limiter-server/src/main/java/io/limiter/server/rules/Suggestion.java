package io.limiter.server.rules;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** What somebody who mistyped a word probably meant. */
public final class Suggestion {
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
