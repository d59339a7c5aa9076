package io.limiter.server.envoy;

/**
 * A request passes a bound. Says which, the value and the bound. Has no stack: callers cause it.
 */
final class TooLargeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Bound bound;
  private final String field;

  /**
   * A request too large.
   *
   * @param field where it is too large
   * @param what how large, and the bound
   */
  TooLargeException(Bound bound, String field, String what) {
    super(what, null, false, false);
    this.bound = bound;
    this.field = field;
  }

  Bound bound() {
    return bound;
  }

  String field() {
    return field;
  }

  String what() {
    return String.valueOf(getMessage());
  }
}
