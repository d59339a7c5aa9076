package io.limiter.server.store;

/**
 * The caller gave its question up before the counters were asked. Nothing was charged, and nobody
 * hears the answer. So it is no failure of the store, and no {@link Fallback} answers it. Carries
 * no stack: callers cause it.
 */
public final class GivenUpException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Of one question. */
  public GivenUpException() {
    super("the caller gave the call up before Redis was asked", null, false, false);
  }
}
