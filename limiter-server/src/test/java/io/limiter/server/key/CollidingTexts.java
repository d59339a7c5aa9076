package io.limiter.server.key;

import java.util.ArrayList;
import java.util.List;

/** Texts of one {@link String#hashCode}, as anybody can make them. */
public final class CollidingTexts {
  private CollidingTexts() {}

  /** So many texts of one hash and one length. */
  public static List<String> of(int count) {
    int bits = Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(count - 1));
    List<String> texts = new ArrayList<>(count);
    for (int number = 0; number < count; number++) {
      StringBuilder text = new StringBuilder(2 * bits);
      for (int bit = bits - 1; bit >= 0; bit--) {
        text.append(((number >> bit) & 1) == 0 ? "Aa" : "BB");
      }
      texts.add(text.toString());
    }
    return texts;
  }
}
