package io.limiter.server.rules;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the match is where only one rule applies, made beforehand for the rule and for each of its
 * overrides. Immutable.
 */
final class RuleMatches {
  /** Null when there is none, so that nothing of it is touched. */
  private final @Nullable WhenIndex<Effect> overrides;

  private final Match otherwise;
  private final Match[] overridden;

  RuleMatches(CompiledRule rule, Function<List<Rule>, Match> match) {
    overrides = rule.overrides().isEmpty() ? null : rule.overrides();
    otherwise = match.apply(rule.effect().rules());
    overridden =
        rule.overrides().entries().stream()
            .map(override -> match.apply(override.value().rules()))
            .toArray(Match[]::new);
  }

  Match match(Map<String, String> attributes) {
    if (overrides == null) {
      return otherwise;
    }
    Search search = overrides.search(attributes);
    return search.foundNone() ? otherwise : overridden[search.first()];
  }
}
