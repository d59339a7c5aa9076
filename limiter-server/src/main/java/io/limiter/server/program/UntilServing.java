package io.limiter.server.program;

import io.limiter.server.store.StoreException;
import io.limiter.server.store.redis.StoreListener;

/** Tells a listener nothing until somebody may ask: nobody is to be told of the warm-up. */
final class UntilServing implements StoreListener {
  private final StoreListener listener;
  private volatile StoreListener now = StoreListener.NONE;

  UntilServing(StoreListener listener) {
    this.listener = listener;
  }

  /** From now on all is told. */
  void serving() {
    now = listener;
  }

  @Override
  public void batchSent(int charges) {
    now.batchSent(charges);
  }

  @Override
  public void batchAnswered(long tookNanos) {
    now.batchAnswered(tookNanos);
  }

  @Override
  public void batchFailed(StoreException.Kind kind) {
    now.batchFailed(kind);
  }

  @Override
  public void expired() {
    now.expired();
  }

  @Override
  public void chargedLate() {
    now.chargedLate();
  }
}
