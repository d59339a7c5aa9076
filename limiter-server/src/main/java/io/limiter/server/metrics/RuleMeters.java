package io.limiter.server.metrics;

import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.Role;
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

/** The counters of one domain: its decisions, and what each of its rules said. */
final class RuleMeters {
  static final String INLINE = "(inline)";
  static final String OTHER = "(other)";

  /** The most names beyond those that the rules themselves give. */
  static final int MORE_NAMES = 1_000;

  private final MeterRegistry registry;
  private final String domain;
  private final Map<Role, Map<String, Said>> met = new EnumMap<>(Role.class);
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
      said(status).of(status.outcome()).increment();
    }
  }

  /** A name that was met keeps its series, also after its rule is gone: the rules are not asked. */
  private Said said(Verdict.Status status) {
    Map<String, Said> ofKind = met.getOrDefault(status.role(), Map.of());
    Rule rule = status.rule();
    String fixed = fixedLabel(rule);
    Said known = ofKind.get(fixed == null ? rule.name() : fixed);
    return known != null
        ? known
        : ofKind.computeIfAbsent(
            fixed == null ? told(rule.name()) : fixed,
            made -> new Said(made, status.role().label()));
  }

  /** A caller's own rule is never named, and neither is one of a domain that lost its rules. */
  private @Nullable String fixedLabel(Rule rule) {
    if (rule.keying().named()) {
      return INLINE;
    }
    return domain.equals(DomainMeters.UNKNOWN) ? DomainMeters.UNKNOWN : null;
  }

  /**
   * Names of descriptors may carry what a caller chose: only so many are told apart, and these
   * never take the place of a name that the rules give.
   */
  private String told(String name) {
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

  /** What one rule said, in one mode. */
  private final class Said {
    private final Counter admitted;
    private final Counter denied;
    private final Counter never;

    Said(String rule, String mode) {
      admitted = outcomes(rule, mode, "admitted");
      denied = outcomes(rule, mode, "denied");
      never = outcomes(rule, mode, "never");
    }

    Counter of(Outcome outcome) {
      if (outcome instanceof Outcome.Admitted) {
        return admitted;
      }
      return outcome instanceof Outcome.Never ? never : denied;
    }

    private Counter outcomes(String rule, String mode, String outcome) {
      return Counter.builder("limiter.rule.outcomes")
          .description("What the rules said to the questions they applied to")
          .tags("domain", domain, "rule", rule, "mode", mode, "outcome", outcome)
          .register(registry);
    }
  }
}
