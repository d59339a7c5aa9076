package io.limiter.server.rules;

/**
 * Texts of callers and files as parts of messages. The one place that makes them harmless: nothing
 * in such a text can end a line, begin another, or make a terminal paint over what was said.
 */
public final class Quoted {
  /** The most UTF-16 units of a text that are shown. */
  static final int LONGEST = 100;

  /** The same where there is little room. */
  private static final int LONGEST_NAME = 40;

  private Quoted() {}

  /** A value: in quotes, on one line, and not too long. */
  public static String text(String text) {
    int end = Math.min(text.length(), LONGEST);
    // Half of a character that takes two units would be none.
    end -= end < text.length() && Character.isHighSurrogate(text.charAt(end - 1)) ? 1 : 0;
    return '"' + line(text.substring(0, end)) + (end < text.length() ? "\"..." : "\"");
  }

  /** A name for a place that is short of room: printable ASCII, and the first few of it. */
  public static String name(String name) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < Math.min(name.length(), LONGEST_NAME); i++) {
      char c = name.charAt(i);
      out.append(c >= ' ' && c <= '~' ? c : '?');
    }
    return name.length() > LONGEST_NAME ? out + "..." : out.toString();
  }

  /** A whole message that may hold such texts: on one line. */
  public static String line(String message) {
    int at = 0;
    while (at < message.length() && isHarmless(message.codePointAt(at))) {
      at += Character.charCount(message.codePointAt(at));
    }
    return at == message.length() ? message : escaped(message, at);
  }

  private static String escaped(String message, int from) {
    StringBuilder out = new StringBuilder(message.length() + 16).append(message, 0, from);
    for (int at = from; at < message.length(); ) {
      int point = message.codePointAt(at);
      int end = at + Character.charCount(point);
      if (isHarmless(point)) {
        out.append(message, at, end);
      } else {
        for (; at < end; at++) {
          out.append("\\u%04x".formatted((int) message.charAt(at)));
        }
      }
      at = end;
    }
    return out.toString();
  }

  /** Not so: what controls, separates lines, turns the direction of writing, or is not seen. */
  private static boolean isHarmless(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
