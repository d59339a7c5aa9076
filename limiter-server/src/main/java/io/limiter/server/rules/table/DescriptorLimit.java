package io.limiter.server.rules.table;

import io.limiter.algorithm.FailureMode;
import io.limiter.algorithm.FixedWindow;
import io.limiter.server.key.Keying;
import io.limiter.server.rules.RateUnit;
import io.limiter.server.rules.Rule;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The limit of a descriptor.
 *
 * @param unit null if there is none: {@code unlimited}
 * @param requestsPerUnit 0 to 2^32 - 1
 * @param name for {@code replaces}; empty for none
 * @param replaces the names of the limits that do not count beside it
 * @param mode enforce, shadow or quota
 * @param detailedMetric whether metrics name every value of a request
 * @param metadata for other filters of the proxy; empty for none
 */
public record DescriptorLimit(
    @Nullable RateUnit unit,
    long requestsPerUnit,
    String name,
    Set<String> replaces,
    Rule.Mode mode,
    boolean detailedMetric,
    Map<String, Object> metadata) {
  public DescriptorLimit {
    replaces = Set.copyOf(replaces);
    metadata = Map.copyOf(metadata);
  }

  /** The same rule, called otherwise by metrics. */
  static Rule renamed(Rule rule, String metricName) {
    return new Rule(
        metricName,
        rule.key(),
        rule.limit(),
        rule.mode(),
        rule.unit(),
        rule.keying(),
        rule.sharing());
  }

  /** A window of this unit, as a rule. */
  static Rule rule(String metricName, RateUnit unit, long requestsPerUnit, Rule.Mode mode) {
    return new Rule(
        metricName,
        List.of(),
        FixedWindow.per(unit.micros(), requestsPerUnit),
        mode,
        /* unit= */ "",
        Keying.PLAIN,
        FailureMode.LOCAL);
  }
}
