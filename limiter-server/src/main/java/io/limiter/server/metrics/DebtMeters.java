package io.limiter.server.metrics;

import io.limiter.server.store.DebtListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** What becomes of what was admitted without Redis. */
final class DebtMeters implements DebtListener {
  private final Counter settled;
  private final CounterPer<Unsettled> unsettled;

  DebtMeters(MeterRegistry registry) {
    settled =
        Counter.builder("limiter.fallback.settled")
            .description("Hits admitted without Redis that were charged to it afterwards")
            .register(registry);
    unsettled =
        new CounterPer<>(
            Unsettled.class,
            why ->
                Counter.builder("limiter.fallback.unsettled")
                    .description("Hits admitted without Redis that were not charged afterwards")
                    .tag("reason", why)
                    .register(registry));
  }

  @Override
  public void settled(long hits) {
    settled.increment((double) hits);
  }

  @Override
  public void unsettled(Unsettled why, long hits) {
    unsettled.increment(why, hits);
  }
}
