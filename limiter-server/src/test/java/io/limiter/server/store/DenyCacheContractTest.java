package io.limiter.server.store;

import java.time.Duration;

/** With a cache before them, counters keep the laws of every store. */
class DenyCacheContractTest extends RolesContract {
  private final DenyCache cache =
      new DenyCache(new TwinCounterStore(), Duration.ofMinutes(1), System::nanoTime);

  @Override
  protected CounterStore store() {
    return cache;
  }
}
