package io.limiter.server.rules.table;

import io.limiter.server.rules.BadAttributeException;
import io.limiter.server.rules.BillingDay;
import io.limiter.server.rules.Match;
import io.limiter.server.rules.Rule;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** What a rule, or an override of it, does to a request that it applies to. */
public sealed interface Effect {

  /**
   * What it does to a request: for most, whatever that is.
   *
   * @throws BadAttributeException if the request does not name what this depends on
   */
  default Effect on(Map<String, String> attributes) {
    return this;
  }

  /**
   * What a request counts against, in the order of a {@link Match}; of no meaning before {@link
   * #on}.
   */
  List<Rule> rules();

  /** The same with other rules in the place of its own. */
  Effect with(UnaryOperator<Rule> change);

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

    @Override
    public Effect with(UnaryOperator<Rule> change) {
      return new Counted(change.apply(rule), candidate.map(change));
    }
  }

  /**
   * Depends on the day that an attribute of the request names.
   *
   * @param name of the rule
   * @param days what it does by the day, from the first to the 31st
   */
  record ByDay(String name, String attribute, List<Effect> days) implements Effect {
    public ByDay {
      days = List.copyOf(days);
    }

    @Override
    public Effect on(Map<String, String> attributes) {
      return days.get(BillingDay.named(attribute, attributes, name) - 1);
    }

    @Override
    public List<Rule> rules() {
      throw new IllegalStateException("no day is known");
    }

    @Override
    public Effect with(UnaryOperator<Rule> change) {
      return new ByDay(name, attribute, days.stream().map(day -> day.with(change)).toList());
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

    @Override
    public Effect with(UnaryOperator<Rule> change) {
      return this;
    }
  }
}
