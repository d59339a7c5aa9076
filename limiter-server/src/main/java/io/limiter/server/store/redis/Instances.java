package io.limiter.server.store.redis;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Counts the instances that share the counters: each notes in Redis every second that it is there.
 * While Redis is away the last count stands. Safe to call from any thread.
 */
public final class Instances implements AutoCloseable {
  private static final Duration BEAT = Duration.ofSeconds(1);

  /** An instance counts for so long after its last word. */
  private static final Duration LASTING = Duration.ofSeconds(5);

  private final RedisCounterStore store;
  private final String id = UUID.randomUUID().toString();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "limiter-instances");
            thread.setDaemon(true);
            return thread;
          });
  private volatile int count = 1;

  private Instances(RedisCounterStore store) {
    this.store = store;
  }

  /** Notes that this instance is there, from now until it is closed. */
  public static Instances of(RedisCounterStore store) {
    Instances instances = new Instances(store);
    var unused =
        instances.timer.scheduleWithFixedDelay(
            instances::beat, 0, BEAT.toMillis(), TimeUnit.MILLISECONDS);
    return instances;
  }

  private void beat() {
    var unused =
        store
            .announce(id, LASTING)
            .whenComplete(
                (counted, failure) -> {
                  if (failure == null) {
                    count = Math.max(1, counted);
                  }
                });
  }

  /** How many there were when Redis was asked last, 1 or more. */
  public int count() {
    return count;
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
