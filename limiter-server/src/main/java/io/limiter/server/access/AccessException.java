package io.limiter.server.access;

import java.time.Duration;

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
  private final Duration wait;

  /** It is not known when this would go ahead. */
  public AccessException(Kind kind, String message) {
    this(kind, message, Duration.ZERO);
  }

  /**
   * What is asked too early.
   *
   * @param wait after which it would go ahead if nothing else came; zero if nobody knows
   */
  public AccessException(Kind kind, String message, Duration wait) {
    super(message, null, false, false);
    this.kind = kind;
    this.wait = wait;
  }

  public Kind kind() {
    return kind;
  }

  /** After which it would go ahead if nothing else came; zero if nobody knows. */
  public Duration waitTime() {
    return wait;
  }
}
