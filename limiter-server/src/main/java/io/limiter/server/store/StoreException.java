package io.limiter.server.store;

import org.jspecify.annotations.Nullable;

/** The counters could not be asked. Carries no stack: it is made on hot paths. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why, as far as it matters to what the caller is told. */
  public enum Kind {
    /** Redis is away, too slow, or refuses writes; the next question may be answered. */
    UNAVAILABLE,
    /** More questions wait than this instance takes on. */
    OVERLOADED,
    /** Something that should not be: a script error, a state of another format. */
    BUG
  }

  private final Kind kind;

  public StoreException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause, false, false);
    this.kind = kind;
  }

  /** How callers treat it. */
  public Kind kind() {
    return kind;
  }
}
