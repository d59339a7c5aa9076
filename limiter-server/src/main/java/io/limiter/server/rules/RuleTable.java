package io.limiter.server.rules;

import java.util.Map;
import java.util.Set;

/** The rules of all domains, compiled for matching. Immutable; safe to share between threads. */
public final class RuleTable {
  /** A table without any domain. */
  public static final RuleTable EMPTY = new RuleTable(Set.of());

  private final Set<String> domains;

  RuleTable(Set<String> domains) {
    this.domains = Set.copyOf(domains);
  }

  /** The rules of {@code domain} that apply to a request with these attributes. */
  public Match match(String domain, Map<String, String> attributes) {
    return Match.UNKNOWN_DOMAIN;
  }

  /** The domains that have rules. */
  public Set<String> domains() {
    return domains;
  }

  /** How many rules a domain has. */
  public int ruleCount(String domain) {
    return domains.contains(domain) ? 1 : 0;
  }
}
