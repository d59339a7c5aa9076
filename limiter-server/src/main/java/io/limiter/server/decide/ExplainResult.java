package io.limiter.server.decide;

import io.limiter.ledger.Role;
import io.limiter.server.estimate.Estimates;
import io.limiter.server.estimate.Factor;
import io.limiter.server.rules.Explanation;
import io.limiter.server.rules.Rule;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * Why rules apply or not, and the state of the counters of those that do.
 *
 * @param rulesHash of the files that the rules are from; empty when it is not known
 * @param counters one for each rule that applies, and for each candidate, in the domain's order
 */
public record ExplainResult(
    String rulesHash, Explanation explanation, Map<Rule, Counter> counters) {
  public ExplainResult {
    counters = Collections.unmodifiableMap(new LinkedHashMap<>(counters));
  }

  /** The same with the state that {@code look} gives for each counter, in order. */
  ExplainResult with(BiFunction<Rule, Counter, State> look) {
    Map<Rule, Counter> seen = new LinkedHashMap<>();
    counters.forEach(
        (rule, counter) ->
            seen.put(
                rule,
                new Counter(counter.role, counter.key, look.apply(rule, counter), counter.factor)));
    return new ExplainResult(rulesHash, explanation, seen);
  }

  /** The same with what is held of a guess, for rules that estimate. */
  ExplainResult estimatedBy(Estimates estimates) {
    Map<Rule, Counter> estimated = new LinkedHashMap<>();
    counters.forEach(
        (rule, counter) ->
            estimated.put(
                rule,
                rule.estimates()
                    ? new Counter(
                        counter.role,
                        counter.key,
                        counter.state,
                        Optional.of(estimates.factor(rule, counter.key)))
                    : counter));
    return new ExplainResult(rulesHash, explanation, estimated);
  }

  /**
   * A rule's counter.
   *
   * @param role the rule's role for this key; a rule in rollout is enforced for some keys only
   * @param key its whole Redis key
   * @param factor what share of a guess is held; empty if the rule does not estimate, and if it is
   *     not known
   */
  public record Counter(Role role, String key, State state, Optional<Factor> factor) {
    /** Not looked at. */
    Counter(Role role, String key) {
      this(role, key, new State.NotAsked(), Optional.empty());
    }
  }

  /** The state of a counter. */
  public sealed interface State {
    /** Read without a charge. */
    record Seen(Verdict.Status status) implements State {}

    /** No store was asked. */
    record NotAsked() implements State {}

    /**
     * The store cannot be asked now.
     *
     * @param reason for people
     */
    record Unknown(String reason) implements State {}
  }
}
