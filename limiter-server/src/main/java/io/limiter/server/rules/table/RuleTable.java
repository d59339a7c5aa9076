package io.limiter.server.rules.table;

import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.Explanation;
import io.limiter.server.rules.Match;
import io.limiter.server.rules.Matcher;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The rules of all domains, compiled for matching. Immutable; safe to share between threads. */
public final class RuleTable implements Matcher {
  /** A table without any domain. */
  public static final RuleTable EMPTY = new RuleTable(Map.of(), "");

  private final Map<String, Domain> domains;
  private final String hash;

  private RuleTable(Map<String, Domain> domains, String hash) {
    this.domains = Map.copyOf(domains);
    this.hash = hash;
  }

  public static RuleTable of(Collection<? extends Domain> domains) {
    Map<String, Domain> byName = new TreeMap<>();
    domains.forEach(rules -> byName.put(rules.domain(), rules));
    return new RuleTable(byName, "");
  }

  @Override
  public Match match(String domain, Map<String, String> attributes) {
    Domain found = domains.get(domain);
    if (found instanceof DomainRules rules) {
      return rules.match(attributes);
    }
    return found == null ? Match.UNKNOWN_DOMAIN : Match.DESCRIPTORS_ONLY;
  }

  @Override
  public @Nullable DescriptorRules descriptors(String domain) {
    return domains.get(domain) instanceof DescriptorRules descriptors ? descriptors : null;
  }

  @Override
  public Explanation explain(String domain, List<Descriptor.Entry> entries) {
    Domain found = domains.get(domain);
    if (found instanceof DomainRules rules) {
      return DomainExplainer.explain(rules, entries);
    }
    return found instanceof DescriptorRules descriptors
        ? descriptors.explain(entries)
        : new Explanation.UnknownDomain();
  }

  @Override
  public String hash() {
    return hash;
  }

  /** This table, as what the files of this hash came to. */
  public RuleTable withHash(String filesHash) {
    return new RuleTable(domains, filesHash);
  }

  /** The names of all domains, sorted. */
  public Set<String> domains() {
    return Collections.unmodifiableSet(new TreeSet<>(domains.keySet()));
  }

  /** The file that a domain is written in; empty for an unknown domain. */
  public String file(String domain) {
    Domain rules = domains.get(domain);
    return rules == null ? "" : rules.file();
  }

  /** How many rules a domain has, those that are off included; 0 for an unknown domain. */
  public int ruleCount(String domain) {
    Domain rules = domains.get(domain);
    return rules == null ? 0 : rules.ruleCount();
  }

  /** Whether the name of a rule is the domain's file's, and not made of what a request says. */
  public boolean names(String domain, String rule) {
    Domain rules = domains.get(domain);
    return rules != null && rules.names(rule);
  }

  /** This table and, of {@code other}, the domains called {@code names} that this one lacks. */
  public RuleTable with(RuleTable other, Set<String> names) {
    Map<String, Domain> all = new TreeMap<>(other.domains);
    all.keySet().retainAll(names);
    all.putAll(domains);
    return new RuleTable(all, "");
  }
}
