package io.limiter.server.store.redis;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.limiter.script.Scripts;
import io.limiter.server.key.CounterKeys;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Counts the instances that share the counters: each notes in Redis every second that it is there.
 * While Redis is away the last count stands. Safe to call from any thread.
 *
 * <p>More instances count at once, fewer when five beats in a row said so. A Redis that lost its
 * data, or was away for longer than notes last, knows only those that it heard since. If it went
 * away again at once, each of them would take the others' shares.
 */
public final class Instances implements AutoCloseable {
  private static final Duration BEAT = Duration.ofSeconds(1);

  /** An instance counts for so long after its last word. */
  private static final Duration LASTING = Duration.ofSeconds(5);

  /** As many as an instance is missing before it is not counted any more. */
  static final int BEATS_OF_FEWER = (int) LASTING.dividedBy(BEAT);

  private final Supplier<CompletionStage<Integer>> announcement;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          new ThreadFactoryBuilder().setNameFormat("limiter-instances").setDaemon(true).build());
  private volatile int count = 1;

  /** How many beats in a row said that there are fewer. Guarded by this. */
  private int fewer;

  /**
   * Those that are counted so.
   *
   * @param announcement notes that this one is there, and tells how many are
   */
  Instances(Supplier<CompletionStage<Integer>> announcement) {
    this.announcement = announcement;
  }

  /** Notes that this instance is there, from now until it is closed. */
  public static Instances of(RedisCounterStore store) {
    String id = UUID.randomUUID().toString();
    List<String> keys = List.of(CounterKeys.INSTANCES);
    List<String> arguments = List.of(id, String.valueOf(LASTING.toMillis()));
    Instances instances =
        new Instances(
            () ->
                store
                    .topology()
                    .call(Scripts.STANDARD.alive(), keys, arguments)
                    .thenApply(reply -> (int) reply.nextNumber()));
    var unused =
        instances.timer.scheduleWithFixedDelay(
            instances::beat, 0, BEAT.toMillis(), TimeUnit.MILLISECONDS);
    return instances;
  }

  void beat() {
    var unused =
        announcement
            .get()
            .whenComplete(
                (counted, failure) -> {
                  if (failure == null) {
                    heard(Math.max(1, counted));
                  }
                });
  }

  private synchronized void heard(int counted) {
    fewer = counted < count ? fewer + 1 : 0;
    if (counted > count || fewer >= BEATS_OF_FEWER) {
      count = counted;
      fewer = 0;
    }
  }

  /** How many there are, as far as Redis could be asked; 1 or more. */
  public int count() {
    return count;
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
