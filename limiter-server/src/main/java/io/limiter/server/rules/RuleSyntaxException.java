package io.limiter.server.rules;

/** A text of a rules file is not what its place asks for. The message says what is. */
final class RuleSyntaxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RuleSyntaxException(String message) {
    super(message, null, false, false);
  }
}
