package io.limiter.server.rules.table;

import io.limiter.server.rules.Domain;
import io.limiter.server.rules.Rules;
import io.limiter.server.rules.Suggestion;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The rules of all domains, compiled for matching. Immutable; safe to share between threads. */
public final class RuleTable implements Rules {
  /** A table without any domain. */
  public static final RuleTable EMPTY = new RuleTable(Map.of(), "");

  private final Map<String, Domain.Known> domains;
  private final String hash;

  private RuleTable(Map<String, Domain.Known> domains, String hash) {
    this.domains = Map.copyOf(domains);
    this.hash = hash;
  }

  public static RuleTable of(Collection<? extends Domain.Known> domains) {
    Map<String, Domain.Known> byName = new TreeMap<>();
    domains.forEach(rules -> byName.put(rules.name(), rules));
    return new RuleTable(byName, "");
  }

  @Override
  public Domain domain(String name) {
    Domain.Known found = domains.get(name);
    return found == null ? Domain.Unknown.INSTANCE : found;
  }

  @Override
  public Optional<String> nearest(String name) {
    return Suggestion.nearest(name, domains.keySet());
  }

  @Override
  public String hash() {
    return hash;
  }

  /** This table, with the hash of the files that it was read from. */
  public RuleTable withHash(String filesHash) {
    return new RuleTable(domains, filesHash);
  }

  /** The names of all domains, sorted. */
  public Set<String> domains() {
    return Collections.unmodifiableSet(new TreeSet<>(domains.keySet()));
  }

  /** The file that a domain is written in; empty for an unknown domain. */
  public String file(String domain) {
    Domain.Known rules = domains.get(domain);
    return rules == null ? "" : rules.file();
  }

  /** How many rules a domain has, those that are off included; 0 for an unknown domain. */
  public int ruleCount(String domain) {
    Domain.Known rules = domains.get(domain);
    return rules == null ? 0 : rules.ruleCount();
  }

  /** Whether the domain's file chooses the name of this rule, and no request does. */
  public boolean defines(String domain, String rule) {
    Domain.Known rules = domains.get(domain);
    return rules != null && rules.defines(rule);
  }

  /** This table, and the domains {@code names} of {@code other} that this one lacks. */
  public RuleTable with(RuleTable other, Set<String> names) {
    Map<String, Domain.Known> all = new TreeMap<>(other.domains);
    all.keySet().retainAll(names);
    all.putAll(domains);
    return new RuleTable(all, "");
  }
}
