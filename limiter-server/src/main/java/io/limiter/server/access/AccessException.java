package io.limiter.server.access;

/**
 * Who calls may not do what is asked, or did not show who it is. The message is for them: it says
 * nothing of what exists.
 */
public final class AccessException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Kind {
    /** What was shown proves nothing. */
    UNAUTHENTICATED,
    /** The caller is known, and may not do this. */
    NOT_PERMITTED,
    /** The caller asks more than its bounds allow. */
    TOO_MUCH
  }

  private final Kind kind;

  public AccessException(Kind kind, String message) {
    super(message, null, false, false);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
