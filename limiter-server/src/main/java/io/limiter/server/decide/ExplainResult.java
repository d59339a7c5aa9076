package io.limiter.server.decide;

import io.limiter.algorithm.Role;
import io.limiter.server.rules.Explanation;
import io.limiter.server.rules.Rule;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * Why rules apply or do not, and where the counters of those that do stand.
 *
 * @param rulesHash of the files that the rules are from; empty when it is not known
 * @param counters one for each rule that applies, and for each candidate, in the domain's order
 */
public record ExplainResult(
    String rulesHash, Explanation explanation, Map<Rule, Counter> counters) {
  public ExplainResult {
    counters = Collections.unmodifiableMap(new LinkedHashMap<>(counters));
  }

  /** The same, with what {@code look} sees of each counter, in order. */
  ExplainResult with(BiFunction<Rule, Counter, State> look) {
    Map<Rule, Counter> seen = new LinkedHashMap<>();
    counters.forEach(
        (rule, counter) ->
            seen.put(rule, new Counter(counter.role, counter.key, look.apply(rule, counter))));
    return new ExplainResult(rulesHash, explanation, seen);
  }

  /**
   * A rule's counter.
   *
   * @param role what the rule does for this key: of an enforced rule that is being rolled out,
   *     whether it is enforced already
   * @param key its whole Redis key
   */
  public record Counter(Role role, String key, State state) {}

  /** Where a counter stands. */
  public sealed interface State {
    /** As it was seen, without charging it. */
    record Seen(Verdict.Status status) implements State {}

    /** Nobody looked. */
    record NotAsked() implements State {}

    /**
     * It cannot be told now.
     *
     * @param reason for people
     */
    record Unknown(String reason) implements State {}
  }
}
