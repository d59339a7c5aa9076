package io.limiter.server.decide;

import org.jspecify.annotations.Nullable;

/** Told of every decision, on the thread that completes it. Must be quick and must not throw. */
public interface DecisionListener {

  /** A question was decided. */
  void decided(String domain, Verdict verdict, long tookNanos);

  /**
   * A question could not be decided.
   *
   * @param cause what the caller is told, as an exception
   */
  void failed(String domain, @Nullable Throwable cause, long tookNanos);

  /** Listens to nothing. */
  DecisionListener NONE =
      new DecisionListener() {
        @Override
        public void decided(String domain, Verdict verdict, long tookNanos) {}

        @Override
        public void failed(String domain, @Nullable Throwable cause, long tookNanos) {}
      };
}
