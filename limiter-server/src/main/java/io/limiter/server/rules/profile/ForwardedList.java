package io.limiter.server.rules.profile;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The elements of a header to which each proxy adds one at the end. They are found from the end:
 * what a caller sent stands before them, and nothing in it, not even half of a quoted text, changes
 * what is found.
 */
final class ForwardedList {
  private ForwardedList() {}

  /**
   * An element.
   *
   * @param lines of the header, in the order in which they came
   * @param number from the end, the last of which is 1; empty elements do not count
   * @return null if there are not so many
   */
  static @Nullable String fromEnd(List<String> lines, int number) {
    int left = number;
    for (int at = lines.size() - 1; at >= 0; at--) {
      String line = lines.get(at);
      int end = line.length();
      while (end >= 0) {
        int comma = commaBefore(line, end);
        String element = line.substring(comma + 1, end).strip();
        if (!element.isEmpty() && --left == 0) {
          return element;
        }
        end = comma;
      }
    }
    return null;
  }

  /** The last comma before {@code end} that is not quoted; -1 if there is none. */
  private static int commaBefore(String line, int end) {
    for (int i = end - 1; i >= 0; i--) {
      char c = line.charAt(i);
      if (c == ',') {
        return i;
      }
      if (c == '"') {
        i = opening(line, i);
      }
    }
    return -1;
  }

  /** Where the text begins whose quotes close at {@code closing}; 0 if nowhere. */
  private static int opening(String line, int closing) {
    for (int i = closing - 1; i > 0; i--) {
      if (line.charAt(i) == '"' && !isEscaped(line, i)) {
        return i;
      }
    }
    return 0;
  }

  private static boolean isEscaped(String line, int at) {
    int slashes = 0;
    while (at - slashes > 0 && line.charAt(at - slashes - 1) == '\\') {
      slashes++;
    }
    return slashes % 2 == 1;
  }

  /** What an element of RFC 7239 says behind {@code for=}, without quotes; null if nothing. */
  static @Nullable String client(String element) {
    int at = 0;
    while (at < element.length()) {
      int end = semicolon(element, at);
      int sign = element.indexOf('=', at);
      if (sign > 0 && sign < end && element.substring(at, sign).strip().equalsIgnoreCase("for")) {
        return unquoted(element.substring(sign + 1, end).strip());
      }
      at = end + 1;
    }
    return null;
  }

  private static int semicolon(String element, int from) {
    boolean quoted = false;
    for (int i = from; i < element.length(); i++) {
      char c = element.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == '\\' && quoted) {
        i++;
      } else if (c == ';' && !quoted) {
        return i;
      }
    }
    return element.length();
  }

  private static String unquoted(String value) {
    boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
    return quoted ? value.substring(1, value.length() - 1).replace("\\", "") : value;
  }
}
