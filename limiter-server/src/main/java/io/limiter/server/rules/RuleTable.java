package io.limiter.server.rules;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The rules of all domains, compiled for matching. Immutable; safe to share between threads. */
public final class RuleTable {
  /** A table without any domain. */
  public static final RuleTable EMPTY = new RuleTable(Map.of());

  private final Map<String, DomainRules> domains;

  private RuleTable(Map<String, DomainRules> domains) {
    this.domains = Map.copyOf(domains);
  }

  static RuleTable of(Collection<DomainRules> domains) {
    Map<String, DomainRules> byName = new TreeMap<>();
    domains.forEach(rules -> byName.put(rules.domain(), rules));
    return new RuleTable(byName);
  }

  /** The rules of {@code domain} that apply to a request with these attributes. */
  public Match match(String domain, Map<String, String> attributes) {
    DomainRules rules = domains.get(domain);
    return rules == null ? Match.UNKNOWN_DOMAIN : rules.match(attributes);
  }

  /** The names of all domains, sorted. */
  public Set<String> domains() {
    return Collections.unmodifiableSet(new TreeSet<>(domains.keySet()));
  }

  /** How many rules a domain has, those that are off included; 0 for an unknown domain. */
  public int ruleCount(String domain) {
    DomainRules rules = domains.get(domain);
    return rules == null ? 0 : rules.ruleCount();
  }

  /** This table and, of {@code other}, the domains written in {@code files} that this one lacks. */
  RuleTable withMissing(RuleTable other, Set<String> files) {
    Map<String, DomainRules> all = new TreeMap<>(domains);
    other.domains.forEach(
        (name, rules) -> {
          if (files.contains(rules.file())) {
            all.putIfAbsent(name, rules);
          }
        });
    return new RuleTable(all);
  }
}
