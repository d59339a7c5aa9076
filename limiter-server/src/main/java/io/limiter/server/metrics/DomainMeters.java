package io.limiter.server.metrics;

import io.limiter.server.rules.table.RuleTable;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The meters of each domain that has rules, and one set for all domains that have none.
 *
 * <p>A domain that loses its rules keeps its series, so that a reload never makes a counter fall.
 */
final class DomainMeters {
  static final String UNKNOWN = "(unknown)";

  private final MeterRegistry registry;
  private final Supplier<RuleTable> rules;
  private final Map<String, RuleMeters> known = new ConcurrentHashMap<>();
  private final RuleMeters unknown;

  DomainMeters(MeterRegistry registry, Supplier<RuleTable> rules) {
    this.registry = registry;
    this.rules = rules;
    this.unknown = new RuleMeters(registry, UNKNOWN, rule -> false);
  }

  RuleMeters of(String domain) {
    RuleMeters met = known.get(domain);
    if (met != null) {
      return met;
    }
    if (!rules.get().domains().contains(domain)) {
      return unknown;
    }
    return known.computeIfAbsent(
        domain, name -> new RuleMeters(registry, name, rule -> rules.get().defines(name, rule)));
  }
}
