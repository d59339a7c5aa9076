package io.limiter.script;

import io.limiter.algorithm.Charged;
import io.limiter.algorithm.CounterState;
import io.limiter.algorithm.Limit;
import io.limiter.ledger.Ledger;
import io.limiter.ledger.Role;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counters in memory, decided by {@link Ledger}: what a Redis that ran the scripts must hold. */
final class TwinCounters {
  private final Map<String, CounterState> states = new HashMap<>();

  record Ask(Role role, String key, Limit limit, long cost) implements Ledger.Entry {}

  /** A question; {@code counting} charges every counter at once, whatever any of them says. */
  record Question(List<Ask> asks, boolean counting) {
    List<Role> roles() {
      return asks.stream().map(Ask::role).toList();
    }
  }

  CounterState state(String key) {
    return states.getOrDefault(key, CounterState.ABSENT);
  }

  void forget(String key) {
    states.remove(key);
  }

  Ledger.Decision decide(Question question, long now) {
    Ledger.Decision decision =
        question.counting()
            ? Ledger.counting(question.asks(), this::state, now)
            : Ledger.whole(question.asks(), this::state, now);
    states.putAll(decision.written());
    return decision;
  }

  boolean refund(Map<String, Charged> receipt, long now) {
    boolean given = false;
    for (Map.Entry<String, Charged> entry : receipt.entrySet()) {
      CounterState before = state(entry.getKey());
      CounterState after = before.refund(entry.getValue(), now);
      if (!after.equals(before)) {
        given = true;
        states.put(entry.getKey(), after);
      }
    }
    return given;
  }
}
