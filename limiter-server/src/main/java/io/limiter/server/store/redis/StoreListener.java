package io.limiter.server.store.redis;

import io.limiter.server.store.StoreException;

/**
 * Told of every call of the script, as far as it wants to know. Must be quick and must not throw.
 */
public interface StoreListener {
  /** Listens to nothing. */
  StoreListener NONE = new StoreListener() {};

  /** A batch of so many questions left. */
  default void batchSent(int charges) {}

  /** A batch was answered. */
  default void batchAnswered(long tookNanos) {}

  /** A batch was not answered, or with an error. */
  default void batchFailed(StoreException.Kind kind) {}

  /** A question reached Redis after its caller's time, or was about to. It charged nothing. */
  default void expired() {}

  /** An admission came after its caller's time. It is charged all the same. */
  default void chargedLate() {}
}
