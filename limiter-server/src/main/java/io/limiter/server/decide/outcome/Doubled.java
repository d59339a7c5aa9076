package io.limiter.server.decide.outcome;

import io.limiter.algorithm.Outcome;
import io.limiter.ledger.Held;
import io.limiter.server.key.ValueHash;
import io.limiter.server.rules.Rule;
import io.limiter.server.store.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Predicate;

/**
 * The counters of a question's rules while a secret is being changed. Enforced rules whose values
 * are secrets are held to the counter under the new secret and to that under the one before: so
 * nothing is forgotten that was counted before, or is counted by instances that do not know the new
 * one yet. Behind the entries of all rules, in their order, stand those under the secret before.
 * Immutable; safe to share between threads.
 */
public final class Doubled {
  private final List<Rule> rules;
  private final ValueHash values;

  /** For each further entry the place of its rule. */
  private final List<Integer> further;

  private Doubled(List<Rule> rules, ValueHash values, List<Integer> further) {
    this.rules = rules;
    this.values = values;
    this.further = further;
  }

  /** Names the counters of rules, in their order. */
  public interface Naming {
    List<String> keys(ValueHash values, List<Rule> rules);
  }

  /**
   * The counters that rules are held to.
   *
   * @param enforced whether a rule is enforced for the question: others are tried out, or one among
   *     several, and begin with the new secret
   */
  public static Doubled of(List<Rule> rules, ValueHash values, Predicate<Rule> enforced) {
    List<Integer> further = new ArrayList<>(0);
    for (int i = 0; values.before() != null && i < rules.size(); i++) {
      if (rules.get(i).keying().hash() && enforced.test(rules.get(i))) {
        further.add(i);
      }
    }
    return new Doubled(rules, values, further);
  }

  /** How many counters there are. */
  public int size() {
    return rules.size() + further.size();
  }

  /** The keys of all counters. */
  public List<String> keys(Naming naming) {
    List<String> keys = naming.keys(values, rules);
    if (further.isEmpty()) {
      return keys;
    }
    List<String> all = new ArrayList<>(keys);
    all.addAll(naming.keys(values(rules.size()), further.stream().map(rules::get).toList()));
    return all;
  }

  /** The place of the rule whose counter an entry is. */
  public int place(int entry) {
    return isFurther(entry) ? further.get(entry - rules.size()) : entry;
  }

  /** The rule whose counter an entry is. */
  public Rule rule(int entry) {
    return rules.get(place(entry));
  }

  /** Whether an entry is that under the secret before. */
  public boolean isFurther(int entry) {
    return entry >= rules.size();
  }

  /** How secrets in an entry's key are hashed. */
  public ValueHash values(int entry) {
    ValueHash before = values.before();
    return isFurther(entry) && before != null ? before : values;
  }

  /** What the counters said of each rule: of two the stricter. */
  public Answer.Decided folded(Answer.Decided decided) {
    return further.isEmpty()
        ? decided
        : new Answer.Decided(
            decided.admitted(),
            this.<Outcome>folded(decided.outcomes(), Stricter::of),
            decided.nowMicros(),
            decided.receipt(),
            decided.replayed(),
            decided.source(),
            decided.holdName(),
            this.<Held>folded(decided.held(), Stricter::of));
  }

  /** What was said of each rule: of two the stricter. Nothing, if nothing was said. */
  private <T> List<T> folded(List<T> said, BinaryOperator<T> stricter) {
    if (said.isEmpty()) {
      return said;
    }
    List<T> told = new ArrayList<>(said.subList(0, rules.size()));
    for (int i = rules.size(); i < said.size(); i++) {
      told.set(place(i), stricter.apply(told.get(place(i)), said.get(i)));
    }
    return told;
  }
}
