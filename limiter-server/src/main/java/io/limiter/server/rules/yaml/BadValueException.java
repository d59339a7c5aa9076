package io.limiter.server.rules.yaml;

/** The text of a field is not what the field takes. The message says what to write. */
public final class BadValueException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BadValueException(String message) {
    super(message, null, false, false);
  }
}
