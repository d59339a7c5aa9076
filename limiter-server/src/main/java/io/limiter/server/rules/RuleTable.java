package io.limiter.server.rules;

import java.util.Map;

/** The rules of all domains, compiled for matching. Immutable; safe to share between threads. */
public final class RuleTable {
  /** A table without any domain. */
  public static final RuleTable EMPTY = new RuleTable();

  private RuleTable() {}

  /** The rules of {@code domain} that apply to a request with these attributes. */
  public Match match(String domain, Map<String, String> attributes) {
    return Match.UNKNOWN_DOMAIN;
  }
}
