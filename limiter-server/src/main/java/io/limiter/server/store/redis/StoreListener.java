package io.limiter.server.store.redis;

import io.limiter.server.store.StoreException;

/** Told of every batch of questions. */
public interface StoreListener {
  void batchSent(int charges);

  void batchAnswered(long nanos);

  void batchFailed(StoreException.Kind kind);
}
