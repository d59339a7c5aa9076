package io.limiter.server.rules;

/** Texts that would forge a line of a log, or change how it looks. */
public final class HostileText {
  /** Everything that could end a line, or change how it looks. */
  public static final String ALL =
      "x\r\n2026-11-27T00:00:00.000Z ERROR Forged: line\u001b[2J\u0000\u007f\u0085\u009b\u2028\u2029"
          + "\u202e\u2066\u200b\ufeff\ud800\udb40\udc01y";

  /** Whether a text is on one line, and shows all that it holds. */
  public static boolean isOneLine(String text) {
    return text.codePoints()
        .noneMatch(
            point ->
                Character.isISOControl(point)
                    || Character.getType(point) == Character.FORMAT
                    || Character.getType(point) == Character.SURROGATE
                    || point == 0x2028
                    || point == 0x2029);
  }

  private HostileText() {}
}
