package io.limiter.server.decide;

/**
 * A question that cannot be decided as it is asked. The message names the field, the value and the
 * remedy. Carries no stack: callers cause it.
 */
public final class DecisionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What is wrong with the question. */
  enum Reason {
    /** Its idempotency key was used for another question. */
    CONFLICT,
    /** It does not fit its domain: no such rule applies, or the domain is of another form. */
    INVALID
  }

  private final Reason reason;
  private final String field;

  private DecisionException(Reason reason, String field, String message) {
    super(message, null, false, false);
    this.reason = reason;
    this.field = field;
  }

  static DecisionException conflict(String field, String message) {
    return new DecisionException(Reason.CONFLICT, field, message);
  }

  static DecisionException invalid(String field, String message) {
    return new DecisionException(Reason.INVALID, field, message);
  }

  /** The same of a question that stands in a field of another. */
  DecisionException of(String parent) {
    return new DecisionException(reason, parent + "." + field, parent + ": " + getMessage());
  }

  Reason reason() {
    return reason;
  }

  /** The request's field at fault. */
  public String field() {
    return field;
  }
}
