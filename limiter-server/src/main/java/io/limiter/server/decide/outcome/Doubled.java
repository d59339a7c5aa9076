package io.limiter.server.decide.outcome;

import io.limiter.algorithm.Outcome;
import io.limiter.ledger.Held;
import io.limiter.ledger.Role;
import io.limiter.server.key.ValueHash;
import io.limiter.server.rules.Rule;
import io.limiter.server.store.Answer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The counters of a question's rules while a secret is being changed. Rules whose values are
 * secrets have two, the one under the new secret and the one under the one before: so nothing is
 * forgotten that was counted before, or is counted by instances that do not know the new one yet.
 * The second stands right behind the first and is {@link Role#JOINED} to it. Immutable; safe to
 * share between threads.
 */
public final class Doubled {
  private final List<Rule> rules;
  private final ValueHash values;

  /** The place of each entry's rule; null where each rule has one entry. */
  private final int @Nullable [] places;

  private Doubled(List<Rule> rules, ValueHash values, int @Nullable [] places) {
    this.rules = rules;
    this.values = values;
    this.places = places;
  }

  /** Names the counters of rules, in their order. */
  public interface Naming {
    List<String> keys(ValueHash values, List<Rule> rules);
  }

  /**
   * The counters that rules are held to.
   *
   * @param rules each candidate behind the rule that it stands in for
   */
  public static Doubled of(List<Rule> rules, ValueHash values) {
    if (values.before() == null) {
      return new Doubled(rules, values, /* places= */ null);
    }
    int[] places = new int[2 * rules.size()];
    int size = 0;
    for (int i = 0; i < rules.size(); i++) {
      places[size++] = i;
      if (rules.get(i).keying().hash()) {
        places[size++] = i;
      }
    }
    return new Doubled(rules, values, size == rules.size() ? null : Arrays.copyOf(places, size));
  }

  /** How many counters there are. */
  public int size() {
    return places == null ? rules.size() : places.length;
  }

  /** The keys of all counters. */
  public List<String> keys(Naming naming) {
    List<String> keys = naming.keys(values, rules);
    ValueHash before = values.before();
    if (places == null || before == null) {
      return keys;
    }
    List<String> further =
        naming.keys(before, rules.stream().filter(rule -> rule.keying().hash()).toList());
    List<String> all = new ArrayList<>(places.length);
    int next = 0;
    for (int i = 0; i < places.length; i++) {
      all.add(isFurther(i) ? further.get(next++) : keys.get(places[i]));
    }
    return all;
  }

  /** The place of the rule whose counter an entry is. */
  public int place(int entry) {
    return places == null ? entry : places[entry];
  }

  /** The rule whose counter an entry is. */
  public Rule rule(int entry) {
    return rules.get(place(entry));
  }

  /** Whether an entry is that under the secret before. */
  public boolean isFurther(int entry) {
    return places != null && entry > 0 && places[entry] == places[entry - 1];
  }

  /** What an entry is to the question, if its rule is that. */
  public Role role(int entry, Role ofRule) {
    return isFurther(entry) ? Role.JOINED : ofRule;
  }

  /** How secrets in an entry's key are hashed. */
  public ValueHash values(int entry) {
    ValueHash before = values.before();
    return isFurther(entry) && before != null ? before : values;
  }

  /** What the counters said of each rule: of two the stricter. */
  public Answer.Decided folded(Answer.Decided decided) {
    return places == null
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
    List<T> told = new ArrayList<>(rules.size());
    for (int i = 0; i < said.size(); i++) {
      if (isFurther(i)) {
        told.set(place(i), stricter.apply(told.get(place(i)), said.get(i)));
      } else {
        told.add(said.get(i));
      }
    }
    return told;
  }
}
