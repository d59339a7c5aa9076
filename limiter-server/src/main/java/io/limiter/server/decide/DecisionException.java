package io.limiter.server.decide;

/**
 * A question that cannot be decided as it is asked: it contradicts an earlier one, or names a rule
 * that does not apply. The message names the field, the value and the remedy.
 */
public final class DecisionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String field;

  public DecisionException(String field, String message) {
    super(message, null, false, false);
    this.field = field;
  }

  /** The request's field at fault. */
  public String field() {
    return field;
  }
}
