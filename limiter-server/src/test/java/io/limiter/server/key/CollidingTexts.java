package io.limiter.server.key;

import java.util.ArrayList;
import java.util.List;

/** Texts of one {@link String#hashCode}, as anybody can make them. */
public final class CollidingTexts {
  private CollidingTexts() {}

  /** So many texts of one hash and one length. */
  public static List<String> of(int count) {
    return texts(count, "Aa", "BB");
  }

  /** So many texts of the same length, whose hashes are those of any texts. */
  public static List<String> plain(int count) {
    return texts(count, "Aa", "BC");
  }

  private static List<String> texts(int count, String one, String other) {
    int bits = Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(count - 1));
    List<String> texts = new ArrayList<>(count);
    for (int number = 0; number < count; number++) {
      StringBuilder text = new StringBuilder(2 * bits);
      for (int bit = bits - 1; bit >= 0; bit--) {
        text.append(((number >> bit) & 1) == 0 ? one : other);
      }
      texts.add(text.toString());
    }
    return texts;
  }
}
