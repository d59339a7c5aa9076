package io.limiter.server.rules;

/** Texts of callers and files as parts of a message: in quotes, on one line, and not too long. */
public final class Quoted {
  /** The most characters that are shown. */
  static final int LONGEST = 100;

  private Quoted() {}

  public static String text(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    int end = Math.min(text.length(), LONGEST);
    // Half of a character that takes two units would be none.
    end -= end < text.length() && Character.isHighSurrogate(text.charAt(end - 1)) ? 1 : 0;
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c)) {
        out.append("\\u%04x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    return out.append(end < text.length() ? "\"..." : "\"").toString();
  }
}
