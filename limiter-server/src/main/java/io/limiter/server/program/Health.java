package io.limiter.server.program;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.limiter.server.http.Readiness;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.server.rules.live.RulesText;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.RedisWatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Whether this instance should get traffic. One that cannot ask Redis should: every rule has an
 * answer for that, and it says so. Safe to use from any thread.
 */
final class Health {
  /** How long a change of readiness may take to be told. A connection that is replaced is none. */
  private static final Duration LOOK = Duration.ofMillis(200);

  private static final String DEAF =
      "resets and refunds of other instances are not heard, a cached denial may outlive these by"
          + " --deny-cache: ";

  private final LiveRules rules;
  private final RedisCounterStore store;
  private final RedisWatch watch;
  private volatile Phase phase = Phase.STARTING;

  private enum Phase {
    STARTING("starting"),
    SERVING("serving"),
    SHUTTING_DOWN("shutting down");

    private final String label;

    Phase(String label) {
      this.label = label;
    }
  }

  Health(LiveRules rules, RedisCounterStore store, RedisWatch watch) {
    this.rules = rules;
    this.store = store;
    this.watch = watch;
  }

  /** From now on traffic is welcome. */
  void serving() {
    phase = Phase.SERVING;
  }

  /**
   * From now on it is not.
   *
   * @return false when the service was shutting down before
   */
  synchronized boolean shuttingDown() {
    boolean first = phase != Phase.SHUTTING_DOWN;
    phase = Phase.SHUTTING_DOWN;
    return first;
  }

  Readiness readiness() {
    Phase now = phase;
    boolean serving = now == Phase.SERVING;
    String state = serving ? redis() : "not asked";
    List<Readiness.Part> parts = new ArrayList<>();
    parts.add(new Readiness.Part("service", serving, now.label));
    parts.add(
        new Readiness.Part(
            "rules", !rules.get().domains().isEmpty(), RulesText.status(rules.state())));
    parts.add(new Readiness.Part("redis", serving, state));
    if (serving) {
      watch.deafness().ifPresent(why -> parts.add(remark(DEAF + why)));
      watch.advice().forEach(advice -> parts.add(remark(advice)));
    }
    return new Readiness(parts);
  }

  /** What does not keep traffic away. */
  private static Readiness.Part remark(String says) {
    return new Readiness.Part("redis", true, says);
  }

  private String redis() {
    return store.connected()
        ? store.state()
        : store.state() + "; until then each rule's on-redis-failure decides";
  }

  /**
   * Tells whether this instance is ready: at once, and whenever that changes, a moment later.
   *
   * @param told called with whether it is
   * @return ends it
   */
  Runnable tell(Consumer<Boolean> told) {
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            new ThreadFactoryBuilder().setNameFormat("limiter-health").setDaemon(true).build());
    AtomicReference<Boolean> last = new AtomicReference<>(readiness().ready());
    told.accept(last.get());
    var unused =
        timer.scheduleWithFixedDelay(
            () -> {
              boolean ready = readiness().ready();
              if (last.getAndSet(ready) != ready) {
                told.accept(ready);
              }
            },
            LOOK.toMillis(),
            LOOK.toMillis(),
            TimeUnit.MILLISECONDS);
    return timer::shutdownNow;
  }
}
