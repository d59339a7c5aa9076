package io.limiter.server.rules.yaml;

/** A text of a rules file is not what its place asks for. The message says what is. */
public final class BadValueException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BadValueException(String message) {
    super(message, null, false, false);
  }
}
