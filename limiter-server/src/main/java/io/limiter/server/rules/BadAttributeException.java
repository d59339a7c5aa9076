package io.limiter.server.rules;

/**
 * An attribute of a request does not say what a rule needs to know of it. Carries no stack: callers
 * cause it.
 */
public final class BadAttributeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String attribute;

  /**
   * Of an attribute.
   *
   * @param said what is wrong with its value, and what to pass; behind its name
   */
  public BadAttributeException(String attribute, String said) {
    super(said, null, false, false);
    this.attribute = attribute;
  }

  /** The attribute's name. */
  public String attribute() {
    return attribute;
  }
}
