package io.limiter.server.rules.table;

import io.limiter.server.rules.Domain;
import io.limiter.server.rules.PriceList;
import io.limiter.server.rules.Rules;
import io.limiter.server.rules.RulesUnreadableException;
import io.limiter.server.rules.Suggestion;
import io.limiter.server.rules.profile.Profiles;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The rules of all domains, compiled for matching, and the profiles of gateways that ask about
 * them. Immutable; safe to share between threads.
 */
public final class RuleTable implements Rules {
  /** A table without any domain. */
  public static final RuleTable EMPTY =
      new RuleTable(Map.of(), Map.of(), "", Map.of(), Profiles.NONE);

  private final Map<String, Domain.Known> domains;
  private final Map<String, String> unreadable;
  private final String hash;
  private final Map<String, Long> heapBytes;
  private final Profiles profiles;

  private RuleTable(
      Map<String, Domain.Known> domains,
      Map<String, String> unreadable,
      String hash,
      Map<String, Long> heapBytes,
      Profiles profiles) {
    this.domains = Collections.unmodifiableMap(new HashMap<>(domains));
    this.unreadable = Collections.unmodifiableMap(new HashMap<>(unreadable));
    this.hash = hash;
    this.heapBytes = Collections.unmodifiableMap(new HashMap<>(heapBytes));
    this.profiles = profiles;
  }

  public static RuleTable of(Collection<? extends Domain.Known> domains) {
    return of(domains, Map.of());
  }

  /**
   * A table of these domains.
   *
   * @param heapBytes about what each takes of the heap, by its name
   */
  public static RuleTable of(
      Collection<? extends Domain.Known> domains, Map<String, Long> heapBytes) {
    Map<String, Domain.Known> byName = new TreeMap<>();
    domains.forEach(rules -> byName.put(rules.name(), rules));
    return new RuleTable(byName, Map.of(), "", heapBytes, Profiles.NONE);
  }

  /**
   * {@inheritDoc}
   *
   * @throws RulesUnreadableException if a file says to hold its rules and cannot be read
   */
  @Override
  public Domain domain(String name) {
    Domain.Known found = domains.get(name);
    if (found != null) {
      return found;
    }
    String file = unreadable.get(name);
    if (file != null) {
      throw new RulesUnreadableException(name, file);
    }
    return Domain.Unknown.INSTANCE;
  }

  /** The domains that have no rules in force since their file cannot be read, and that file. */
  public Map<String, String> unreadable() {
    return Collections.unmodifiableMap(new TreeMap<>(unreadable));
  }

  /** This table, where those of these domains that it lacks answer with a failure. */
  public RuleTable withUnreadable(Map<String, String> files) {
    Map<String, String> without = new TreeMap<>(files);
    without.keySet().removeAll(domains.keySet());
    return new RuleTable(domains, without, hash, heapBytes, profiles);
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
    return new RuleTable(domains, unreadable, filesHash, heapBytes, profiles);
  }

  /** About how much of the heap it takes. */
  public long heapBytes() {
    Set<PriceList> prices = new HashSet<>();
    domains.keySet().forEach(domain -> prices.addAll(prices(domain)));
    return heapBytes.values().stream().mapToLong(Long::longValue).sum()
        + profiles.heapBytes()
        + prices.stream().mapToLong(PriceList::heapBytes).sum();
  }

  /** The lists of prices that a domain's rules are charged by; none for an unknown domain. */
  public List<PriceList> prices(String domain) {
    return domains.get(domain) instanceof DomainRules rules ? rules.prices() : List.of();
  }

  /** The profiles of gateways. */
  public Profiles profiles() {
    return profiles;
  }

  /** This table, with other profiles. */
  public RuleTable withProfiles(Profiles others) {
    return new RuleTable(domains, unreadable, hash, heapBytes, others);
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
    Map<String, Long> bytes = new HashMap<>(other.heapBytes);
    bytes.putAll(heapBytes);
    bytes.keySet().retainAll(all.keySet());
    return new RuleTable(all, Map.of(), "", bytes, profiles).withUnreadable(unreadable);
  }
}
