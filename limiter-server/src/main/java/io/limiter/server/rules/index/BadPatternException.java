package io.limiter.server.rules.index;

/** A text is not a pattern. The message names the text, what is wrong with it and what to write. */
public final class BadPatternException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BadPatternException(String message) {
    super(message, null, false, false);
  }
}
