package io.limiter.server.rules.profile;

import java.nio.charset.StandardCharsets;

/**
 * Decodes percent-escapes, once. What is no escape stays as it is. The result is read as UTF-8, and
 * what is none of that becomes U+FFFD. A character up to U+00FF stands for the byte that was sent:
 * so HTTP's headers are read.
 */
final class Percent {
  private Percent() {}

  /** As paths have them. */
  static String decoded(String text) {
    return decoded(text, /* plusIsSpace= */ false);
  }

  /** As queries have them: a plus is a space. */
  static String decodedForm(String text) {
    return decoded(text, /* plusIsSpace= */ true);
  }

  private static String decoded(String text, boolean plusIsSpace) {
    if (isPlain(text, plusIsSpace)) {
      return text;
    }
    byte[] bytes = new byte[3 * text.length()];
    int length = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int escaped = c == '%' ? escaped(text, i + 1) : -1;
      if (escaped >= 0) {
        bytes[length++] = (byte) escaped;
        i += 2;
      } else if (c <= 0xFF) {
        bytes[length++] = (byte) (c == '+' && plusIsSpace ? ' ' : c);
      } else {
        for (byte unit : String.valueOf(c).getBytes(StandardCharsets.UTF_8)) {
          bytes[length++] = unit;
        }
      }
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  private static boolean isPlain(String text, boolean plusIsSpace) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%' || c >= 0x80 || (c == '+' && plusIsSpace)) {
        return false;
      }
    }
    return true;
  }

  /** The byte that two digits are; -1 if they are none. */
  private static int escaped(String text, int at) {
    if (at + 1 >= text.length()) {
      return -1;
    }
    int high = digit(text.charAt(at));
    int low = digit(text.charAt(at + 1));
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }

  private static int digit(char c) {
    return c < 0x80 ? Character.digit(c, 16) : -1;
  }
}
