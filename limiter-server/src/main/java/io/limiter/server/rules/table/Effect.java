package io.limiter.server.rules.table;

import io.limiter.server.rules.Match;
import io.limiter.server.rules.Rule;
import java.util.List;
import java.util.Optional;

/** What a rule, or an override of it, does to a request that it applies to. */
public sealed interface Effect {

  /** What the request counts against, in the order of a {@link Match}. */
  List<Rule> rules();

  /**
   * The request counts against the rule.
   *
   * @param candidate other numbers that are tried out beside it
   */
  record Counted(Rule rule, Optional<Rule> candidate) implements Effect {
    @Override
    public List<Rule> rules() {
      return candidate.map(tried -> List.of(rule, tried)).orElse(List.of(rule));
    }
  }

  /** The request passes as if the rule were not there. */
  enum Exempt implements Effect {
    /** It says {@code mode: off}. */
    OFF,
    /** It says {@code unlimited: true}. */
    UNLIMITED;

    @Override
    public List<Rule> rules() {
      return List.of();
    }
  }
}
