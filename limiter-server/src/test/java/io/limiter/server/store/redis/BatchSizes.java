package io.limiter.server.store.redis;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Hears how many questions were in each batch, in the order in which they were sent. */
final class BatchSizes implements StoreListener {
  private final List<Integer> sizes = new CopyOnWriteArrayList<>();

  List<Integer> heard() {
    return sizes;
  }

  @Override
  public void batchSent(int charges) {
    sizes.add(charges);
  }
}
