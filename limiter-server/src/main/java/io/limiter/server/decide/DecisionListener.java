package io.limiter.server.decide;

/** Hears of every decision, on the thread that completes it. Must be quick and must not throw. */
public interface DecisionListener {

  /** A question was decided. */
  void decided(String domain, Verdict verdict, long tookNanos);

  /** A question got no verdict. */
  void failed(String domain, FailureKind kind, long tookNanos);

  /** A question was decided without the shared counters, for this reason. */
  default void fellBack(String domain, FailureKind reason) {}

  /** Listens to nothing. */
  DecisionListener NONE =
      new DecisionListener() {
        @Override
        public void decided(String domain, Verdict verdict, long tookNanos) {}

        @Override
        public void failed(String domain, FailureKind kind, long tookNanos) {}
      };
}
