package io.limiter.server.fault;

import java.util.concurrent.CompletionException;

/** The cause of a failed stage. */
public final class Cause {
  private Cause() {}

  /** What the stage failed with, without the {@link CompletionException}s that stages add. */
  public static Throwable of(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
