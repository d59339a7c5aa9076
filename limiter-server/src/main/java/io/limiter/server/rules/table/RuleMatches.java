package io.limiter.server.rules.table;

import io.limiter.server.rules.BadAttributeException;
import io.limiter.server.rules.BillingDay;
import io.limiter.server.rules.Match;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.index.Search;
import io.limiter.server.rules.index.WhenIndex;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The matches of a rule that applies alone, where they depend on the request: by its overrides, or
 * by a day that it names. Made at load; immutable.
 */
final class RuleMatches {
  private final WhenIndex<Effect> overrides;
  private final OfEffect otherwise;
  private final OfEffect[] overridden;

  /** The match of one effect. */
  private interface OfEffect {
    Match match(Map<String, String> attributes);
  }

  RuleMatches(CompiledRule rule, Function<List<Rule>, Match> match) {
    overrides = rule.overrides();
    otherwise = of(rule.effect(), match);
    overridden =
        overrides.entries().stream()
            .map(override -> of(override.value(), match))
            .toArray(OfEffect[]::new);
  }

  private static OfEffect of(Effect effect, Function<List<Rule>, Match> match) {
    if (effect instanceof Effect.ByDay byDay) {
      Match[] days =
          byDay.days().stream().map(day -> match.apply(day.rules())).toArray(Match[]::new);
      return attributes -> days[BillingDay.named(byDay.attribute(), attributes, byDay.name()) - 1];
    }
    Match always = match.apply(effect.rules());
    return attributes -> always;
  }

  /**
   * The match of a request.
   *
   * @throws BadAttributeException if the request does not name the day that it depends on
   */
  Match match(Map<String, String> attributes) {
    Search search = overrides.isEmpty() ? null : overrides.search(attributes);
    OfEffect effect = search == null || search.foundNone() ? otherwise : overridden[search.first()];
    return effect.match(attributes);
  }
}
