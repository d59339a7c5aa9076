package io.limiter.server.rules.table;

import io.limiter.server.rules.Match;
import io.limiter.server.rules.index.Search;
import io.limiter.server.rules.index.WhenIndex;
import java.util.Map;
import java.util.function.Function;

/** The matches of a rule with overrides that applies alone, made at load. Immutable. */
final class RuleMatches {
  private final WhenIndex<Effect> overrides;
  private final Match otherwise;
  private final Match[] overridden;

  RuleMatches(CompiledRule rule, Function<Effect, Match> match) {
    overrides = rule.overrides();
    otherwise = match.apply(rule.effect());
    overridden =
        overrides.entries().stream()
            .map(override -> match.apply(override.value()))
            .toArray(Match[]::new);
  }

  Match match(Map<String, String> attributes) {
    Search search = overrides.search(attributes);
    return search.foundNone() ? otherwise : overridden[search.first()];
  }
}
