package io.limiter.server.metrics;

import io.limiter.server.store.redis.RedisWatch;
import io.limiter.server.store.redis.advice.Advice;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** What is heard of other instances, and what should be set otherwise in Redis. */
final class RedisWatchMeters {
  private RedisWatchMeters() {}

  static void of(RedisWatch watch, MeterRegistry registry) {
    Gauge.builder("limiter.redis.subscribed", () -> watch.hears() ? 1 : 0)
        .description("Whether this instance hears of what others reset and refund")
        .register(registry);
    FunctionCounter.builder("limiter.peer.notices", watch, RedisWatch::notices)
        .description("Counters of which it was heard that they were reset or given back to")
        .register(registry);
    for (Advice.About about : Advice.About.values()) {
      Gauge.builder("limiter.redis.advice", () -> watch.advises(about) ? 1 : 0)
          .description("What should be set otherwise in Redis: 1 if so")
          .tag("about", about.label())
          .register(registry);
    }
  }
}
