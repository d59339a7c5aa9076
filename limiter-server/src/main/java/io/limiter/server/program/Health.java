package io.limiter.server.program;

import io.limiter.server.http.Readiness;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.server.rules.live.RulesText;
import io.limiter.server.store.redis.RedisCounterStore;
import java.util.List;

/**
 * Whether this instance should get traffic. No fallback decides in Redis's place, so a service that
 * cannot ask Redis is not ready. Safe to use from any thread.
 */
final class Health {
  private final LiveRules rules;
  private final RedisCounterStore store;
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

  Health(LiveRules rules, RedisCounterStore store) {
    this.rules = rules;
    this.store = store;
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
    boolean redis = serving && store.connected();
    return new Readiness(
        List.of(
            new Readiness.Part("service", serving, now.label),
            new Readiness.Part(
                "rules", !rules.get().domains().isEmpty(), RulesText.status(rules.state())),
            new Readiness.Part(
                "redis",
                redis,
                serving ? store.describe() + (redis ? "" : " cannot be asked") : "not asked")));
  }
}
