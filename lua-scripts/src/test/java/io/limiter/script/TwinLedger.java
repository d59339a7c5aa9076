package io.limiter.script;

import io.limiter.algorithm.Charged;
import io.limiter.algorithm.CounterState;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What `decide` does with whole questions, in plain Java over the twins. */
final class TwinLedger {
  /** The place of the quotas among what denies: they do so together. */
  private static final int QUOTAS = -1;

  private final Map<String, CounterState> states = new HashMap<>();

  /** A counter in a question; its role is the script's letter. */
  record Ask(char role, String key, Limit limit, long cost) {}

  /** A question; {@code counting} charges every counter at once, whatever any of them says. */
  record Question(List<Ask> asks, boolean counting) {
    String roles() {
      StringBuilder roles = new StringBuilder();
      asks.forEach(ask -> roles.append(ask.role()));
      return roles.toString();
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
    return question.counting() ? count(question, now) : weigh(question, now);
  }

  private Answered count(Question question, long now) {
    List<Outcome> outcomes = new ArrayList<>();
    for (Ask ask : question.asks()) {
      if (ask.cost() < 0) {
        outcomes.add(credited(ask, -ask.cost(), now));
      } else {
        Step step = ((FixedWindow) ask.limit()).count(state(ask.key()), ask.cost(), now);
        states.put(ask.key(), step.after());
        outcomes.add(step.outcome());
      }
    }
    return new Answered(denials(question, outcomes).isEmpty(), outcomes, Map.of());
  }

  private Answered weigh(Question question, long now) {
    List<Outcome> said = new ArrayList<>();
    for (Ask ask : question.asks()) {
      Outcome outcome =
          ask.cost() < 0 ? credited(ask, 0, now) : step(ask, ask.cost(), now).outcome();
      said.add(outcome);
    }
    List<Integer> denials = denials(question, said);
    List<Outcome> outcomes = new ArrayList<>();
    Map<String, Charged> charged = new HashMap<>();
    int live = 0;
    for (int i = 0; i < said.size(); i++) {
      Ask ask = question.asks().get(i);
      boolean candidate = ask.role() == 'c';
      live = candidate ? live : ask.role() == 'q' ? QUOTAS : i;
      boolean charge = denials.isEmpty() || (candidate && denials.equals(List.of(live)));
      if (ask.cost() < 0) {
        outcomes.add(denials.isEmpty() ? credited(ask, -ask.cost(), now) : said.get(i));
      } else if (said.get(i).admits() && ask.cost() > 0 && charge) {
        CounterState after = step(ask, ask.cost(), now).after();
        states.put(ask.key(), after);
        charged.put(ask.key(), Charged.of(ask.cost(), after));
        outcomes.add(said.get(i));
      } else {
        outcomes.add(said.get(i).admits() ? step(ask, 0, now).outcome() : said.get(i));
      }
    }
    return new Answered(denials.isEmpty(), outcomes, charged);
  }

  /** The places of the counters that deny. */
  private static List<Integer> denials(Question question, List<Outcome> outcomes) {
    List<Integer> denials = new ArrayList<>();
    int quotas = 0;
    int deniedQuotas = 0;
    for (int i = 0; i < outcomes.size(); i++) {
      char role = question.asks().get(i).role();
      boolean denied = !outcomes.get(i).admits();
      if (role == 'e' && denied) {
        denials.add(i);
      } else if (role == 'q') {
        quotas++;
        deniedQuotas += denied ? 1 : 0;
      }
    }
    if (quotas > 0 && quotas == deniedQuotas) {
      denials.add(QUOTAS);
    }
    return denials;
  }

  private Step step(Ask ask, long cost, long now) {
    return ask.limit().decide(state(ask.key()), cost, now);
  }

  private Outcome credited(Ask ask, long cost, long now) {
    Step step = ask.limit().credit(state(ask.key()), cost, now);
    states.put(ask.key(), step.after());
    return step.outcome();
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
