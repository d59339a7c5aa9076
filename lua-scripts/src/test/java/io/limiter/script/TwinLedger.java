package io.limiter.script;

import io.limiter.algorithm.Charged;
import io.limiter.algorithm.CounterState;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What `decide` does with whole questions, in plain Java over the twins. */
final class TwinLedger {
  private final Map<String, CounterState> states = new HashMap<>();

  record Ask(String key, Limit limit, long cost) {}

  record Question(List<Ask> enforced, List<Ask> shadow) {
    List<Ask> all() {
      List<Ask> all = new ArrayList<>(enforced);
      all.addAll(shadow);
      return all;
    }
  }

  record Answered(boolean admitted, List<Outcome> outcomes, Map<String, Charged> charged) {}

  CounterState state(String key) {
    return states.getOrDefault(key, CounterState.ABSENT);
  }

  void forget(String key) {
    states.remove(key);
  }

  Answered decide(Question question, long now) {
    boolean admitted = true;
    List<Step> steps = new ArrayList<>();
    for (Ask ask : question.all()) {
      Step step = ask.limit().decide(state(ask.key()), ask.cost(), now);
      admitted &= steps.size() >= question.enforced().size() || step.outcome().admits();
      steps.add(step);
    }
    List<Outcome> outcomes = new ArrayList<>();
    Map<String, Charged> charged = new HashMap<>();
    for (int i = 0; i < steps.size(); i++) {
      Ask ask = question.all().get(i);
      Step step = steps.get(i);
      boolean changes = step.after() != state(ask.key());
      if (admitted && changes) {
        states.put(ask.key(), step.after());
        charged.put(ask.key(), Charged.of(ask.cost(), step.after()));
      } else if (changes) {
        step = ask.limit().decide(state(ask.key()), 0, now);
      }
      outcomes.add(step.outcome());
    }
    return new Answered(admitted, outcomes, charged);
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
