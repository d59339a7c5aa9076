package io.limiter.server.cli.environment;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the name that somebody meant who wrote another. */
public final class Nearest {
  private static final int NEAR = 2;

  private Nearest() {}

  /**
   * The one that was meant: a typo away, or with more or fewer words behind.
   *
   * @param separator between the words of a name
   * @return empty if none is near
   */
  public static Optional<String> of(String name, Collection<String> real, char separator) {
    return real.stream()
        .filter(one -> isNear(name, one, separator) || one.startsWith(name + separator))
        .min(
            Comparator.<String>comparingInt(one -> distance(name, one))
                .thenComparing(Comparator.naturalOrder()));
  }

  private static boolean isNear(String name, String real, char separator) {
    if (distance(name, real) <= NEAR || name.startsWith(real + separator)) {
      return true;
    }
    // "--redis-pasword" for "--redis-password-file": with as many words, a typo away.
    int end = words(real, words(name, separator), separator);
    return end < real.length() && distance(name, real.substring(0, end)) <= NEAR;
  }

  private static int words(String name, char separator) {
    return (int) name.chars().filter(c -> c == separator).count() + 1;
  }

  /** Where so many words end. */
  private static int words(String name, int words, char separator) {
    int left = words;
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) == separator && --left == 0) {
        return i;
      }
    }
    return name.length();
  }

  /** How many letters have to be put in, left out or exchanged. */
  private static int distance(String a, String b) {
    int[] above = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      above[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int exchanged = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(exchanged, Math.min(above[j], row[j - 1]) + 1);
      }
      above = row;
    }
    return above[b.length()];
  }
}
