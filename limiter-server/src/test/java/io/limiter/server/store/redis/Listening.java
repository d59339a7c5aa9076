package io.limiter.server.store.redis;

import io.limiter.server.store.StoreException;

/** Listens to nothing; tests override what they want to hear. */
class Listening implements StoreListener {
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
}
