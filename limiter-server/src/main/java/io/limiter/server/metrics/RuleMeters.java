package io.limiter.server.metrics;

import io.limiter.algorithm.Outcome;
import io.limiter.ledger.Role;
import io.limiter.server.decide.Verdict;
import io.limiter.server.rules.Rule;
import io.limiter.server.store.Source;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The meters of one domain: its decisions, and the outcomes of its rules. */
final class RuleMeters {
  static final String INLINE = "(inline)";
  static final String OTHER = "(other)";

  /** The most names beside those that the rules give. */
  static final int MORE_NAMES = 1_000;

  private final MeterRegistry registry;
  private final String domain;
  private final Map<Role, Map<String, Outcomes>> met = new EnumMap<>(Role.class);
  private final Predicate<String> configured;
  private final Set<String> chosen = ConcurrentHashMap.newKeySet();
  private final CounterPer<Source> allowed;
  private final CounterPer<Source> denied;

  /**
   * Meters of a domain.
   *
   * @param configured whether its rules now in force give this name
   */
  RuleMeters(MeterRegistry registry, String domain, Predicate<String> configured) {
    this.registry = registry;
    this.domain = domain;
    this.configured = configured;
    for (Role role : Role.values()) {
      met.put(role, new ConcurrentHashMap<>());
    }
    this.allowed = new CounterPer<>(Source.class, source -> decisions("allowed", source));
    this.denied = new CounterPer<>(Source.class, source -> decisions("denied", source));
  }

  void count(Verdict verdict) {
    (verdict.allowed() ? allowed : denied).increment(verdict.source());
    List<Verdict.Status> statuses = verdict.statuses();
    for (int i = 0; i < statuses.size(); i++) {
      Verdict.Status status = statuses.get(i);
      outcomes(status).of(status.outcome()).increment();
    }
  }

  /** A name that was met keeps its series, also after its rule is gone: the rules are not asked. */
  private Outcomes outcomes(Verdict.Status status) {
    Map<String, Outcomes> ofRole = met.getOrDefault(status.role(), Map.of());
    Rule rule = status.rule();
    String fixed = fixedLabel(rule);
    Outcomes known = ofRole.get(fixed == null ? rule.name() : fixed);
    return known != null
        ? known
        : ofRole.computeIfAbsent(
            fixed == null ? label(rule.name()) : fixed,
            made -> new Outcomes(made, status.role().label()));
  }

  /** A caller's own rule is not named, and neither is one of a domain that lost its rules. */
  private @Nullable String fixedLabel(Rule rule) {
    if (rule.keying().named()) {
      return INLINE;
    }
    return domain.equals(DomainMeters.UNKNOWN) ? DomainMeters.UNKNOWN : null;
  }

  /**
   * Names of descriptors may hold what a caller chose. Only so many get a series of their own, and
   * never in the place of a name that the rules give.
   */
  private String label(String name) {
    if (chosen.contains(name) || configured.test(name)) {
      return name;
    }
    if (chosen.size() >= MORE_NAMES) {
      return OTHER;
    }
    chosen.add(name);
    return name;
  }

  private Counter decisions(String outcome, String source) {
    return Counter.builder("limiter.decisions")
        .description("Questions decided")
        .tags(
            "domain", domain,
            "outcome", outcome,
            "source", source)
        .register(registry);
  }

  /** How often each outcome of one rule came, in one mode. */
  private final class Outcomes {
    private final Counter admitted;
    private final Counter denied;
    private final Counter never;

    Outcomes(String rule, String mode) {
      admitted = counter(rule, mode, "admitted");
      denied = counter(rule, mode, "denied");
      never = counter(rule, mode, "never");
    }

    Counter of(Outcome outcome) {
      if (outcome instanceof Outcome.Admitted) {
        return admitted;
      }
      return outcome instanceof Outcome.Never ? never : denied;
    }

    private Counter counter(String rule, String mode, String outcome) {
      return Counter.builder("limiter.rule.outcomes")
          .description("What the rules said to the questions they applied to")
          .tags("domain", domain, "rule", rule, "mode", mode, "outcome", outcome)
          .register(registry);
    }
  }
}
