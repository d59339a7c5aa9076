package io.limiter.server.store;

/** Told what becomes of what was admitted without Redis. Must be quick and must not throw. */
public interface DebtListener {
  /** Listens to nothing. */
  DebtListener NONE = new DebtListener() {};

  /** So much was charged. */
  default void settled(long hits) {}

  /** So much was not, and will not be. */
  default void unsettled(Unsettled why, long hits) {}

  /** Why something is not charged afterwards. Metrics name it in lower case. */
  enum Unsettled {
    /** Its window is over, or it has come free by itself: nobody is owed anything. */
    EXPIRED,
    /** The counter had no room for it. */
    NO_ROOM,
    /** The counter was reset, or given something back to. */
    RESET,
    /** More counters are owed something than are kept; this was asked least recently. */
    DISPLACED,
    /**
     * Redis may have charged the question too: its answer was lost; or an idempotency key let the
     * caller ask another instance, and its record cannot tell.
     */
    IN_DOUBT,
    /** It was sent, and the answer was lost. */
    UNANSWERED,
    /** Something else is stored where the counter should be. */
    UNREADABLE,
    /** The service ended before Redis was back. */
    SHUTDOWN
  }
}
