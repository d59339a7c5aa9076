package io.limiter.server.store.deny;

import io.limiter.server.store.CounterStore;
import io.limiter.server.store.HoldContract;
import io.limiter.server.store.local.LocalCounters;
import java.time.Duration;

/** With a cache before them, counters keep the laws of every store. */
class DenyCacheContractTest extends HoldContract {
  private final DenyCache cache =
      new DenyCache(LocalCounters.now(), Duration.ofMinutes(1), System::nanoTime);

  @Override
  protected CounterStore store() {
    return cache;
  }
}
