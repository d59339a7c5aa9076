package io.limiter.share;

import io.limiter.algorithm.CounterState;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.Step;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * A shared pool in use: tenants that ask at rates, one after another, and what each is admitted.
 */
final class SharedPool {
  static final long SECOND = 1_000_000;
  static final long START = 1_700_000_000L * SECOND;

  private final Limit limit;
  private final Random random;
  private final Map<String, Long> admitted = new HashMap<>();
  private final Map<String, Long> asked = new HashMap<>();
  CounterState state = CounterState.ABSENT;
  long now = START;

  SharedPool(Limit limit, Random random) {
    this.limit = limit;
    this.random = random;
  }

  /**
   * Who asks.
   *
   * @param perWindow how much it asks for in a window, on average
   * @param cost of each question
   */
  record Tenant(String name, ShareTerms terms, double perWindow, long cost) {}

  Outcome ask(Tenant tenant, long cost) {
    Step step = new SharedLimit(limit, tenant.terms(), tenant.name()).decide(state, cost, now);
    state = step.after();
    return step.outcome();
  }

  /**
   * Lets all tenants ask for so long, each evenly but for a random part of half of its pause, and
   * from a random moment on.
   *
   * @return what each was admitted in that time
   */
  Admitted run(List<Tenant> tenants, double windows) {
    admitted.clear();
    asked.clear();
    double window = limit.windowMicros(now);
    long end = now + (long) (windows * window);
    record Next(Tenant tenant, double at) {}
    PriorityQueue<Next> queue = new PriorityQueue<>(Comparator.comparingDouble(Next::at));
    for (Tenant tenant : tenants) {
      if (tenant.perWindow() > 0) {
        double pause = window * tenant.cost() / tenant.perWindow();
        queue.add(new Next(tenant, now + random.nextDouble() * pause));
      }
    }
    while (!queue.isEmpty() && queue.peek().at() < end) {
      Next next = queue.remove();
      Tenant tenant = next.tenant();
      now = Math.max(now, (long) next.at());
      asked.merge(tenant.name(), tenant.cost(), Long::sum);
      if (ask(tenant, tenant.cost()).admits()) {
        admitted.merge(tenant.name(), tenant.cost(), Long::sum);
      }
      double pause = window * tenant.cost() / tenant.perWindow();
      queue.add(new Next(tenant, next.at() + pause * (0.75 + random.nextDouble() / 2)));
    }
    now = end;
    return new Admitted(Map.copyOf(admitted), Map.copyOf(asked));
  }

  /** What tenants were admitted. */
  record Admitted(Map<String, Long> byTenant, Map<String, Long> asked) {
    long asked(String tenant) {
      return asked.getOrDefault(tenant, 0L);
    }

    long of(String tenant) {
      return byTenant.getOrDefault(tenant, 0L);
    }

    long sum() {
      return byTenant.values().stream().mapToLong(Long::longValue).sum();
    }
  }
}
