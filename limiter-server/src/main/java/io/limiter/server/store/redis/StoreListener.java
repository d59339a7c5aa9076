package io.limiter.server.store.redis;

import io.limiter.server.store.StoreException;

/** Told of every call of the script. Must be quick and must not throw. */
public interface StoreListener {

  /** A batch of so many questions left. */
  void batchSent(int charges);

  /** A batch was answered. */
  void batchAnswered(long tookNanos);

  /** A batch was not answered, or with an error. */
  void batchFailed(StoreException.Kind kind);

  /** A question reached Redis after its caller's time, or was about to. It charged nothing. */
  void expired();

  /** An admission came after its caller's time. It is charged all the same. */
  void chargedLate();

  /** Listens to nothing. */
  StoreListener NONE =
      new StoreListener() {
        @Override
        public void batchSent(int charges) {}

        @Override
        public void batchAnswered(long tookNanos) {}

        @Override
        public void batchFailed(StoreException.Kind kind) {}

        @Override
        public void expired() {}

        @Override
        public void chargedLate() {}
      };
}
