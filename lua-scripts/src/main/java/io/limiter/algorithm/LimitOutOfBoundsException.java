package io.limiter.algorithm;

/**
 * A number of a limit lies outside what can be computed exactly. The message names the field, the
 * value, the bound and what to use instead.
 */
public final class LimitOutOfBoundsException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String field;

  LimitOutOfBoundsException(String field, String message) {
    super(message);
    this.field = field;
  }

  /** The parameter at fault: {@code limit}, {@code window}, {@code rate}, {@code period}, ... */
  public String field() {
    return field;
  }
}
