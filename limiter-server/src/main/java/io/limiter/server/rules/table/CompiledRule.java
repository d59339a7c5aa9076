package io.limiter.server.rules.table;

import io.limiter.server.rules.Rule;
import io.limiter.server.rules.index.WhenIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A rule with its overrides. The effect of each was worked out when the file was loaded.
 *
 * @param name the rule's
 * @param line of the file, from 1
 * @param effect on requests that no override applies to
 * @param overrides by the requests that they apply to; the first one decides
 * @param written the overrides one after another, for telling which one decided
 */
public record CompiledRule(
    String name,
    int line,
    Effect effect,
    WhenIndex<Effect> overrides,
    List<WrittenOverride> written) {

  public static CompiledRule of(
      String name, int line, Effect effect, List<WrittenOverride> written) {
    List<WhenIndex.Entry<Effect>> overrides = new ArrayList<>(written.size());
    for (WrittenOverride override : written) {
      overrides.add(new WhenIndex.Entry<>(overrides.size(), override.when(), override.effect()));
    }
    return new CompiledRule(name, line, effect, new WhenIndex<>(overrides), List.copyOf(written));
  }

  /** The same with other rules in the place of those that it counts against. */
  CompiledRule with(UnaryOperator<Rule> change) {
    return of(
        name,
        line,
        effect.with(change),
        written.stream()
            .map(
                override ->
                    new WrittenOverride(
                        override.line(), override.when(), override.effect().with(change)))
            .toList());
  }

  /** Whether any request counts against it at all. */
  boolean everCounts() {
    return !(effect instanceof Effect.Exempt) || !overrides.isEmpty();
  }

  /** Whether it does the same to every request that it is for. */
  boolean isFixed() {
    return overrides.isEmpty() && !(effect instanceof Effect.ByDay);
  }
}
