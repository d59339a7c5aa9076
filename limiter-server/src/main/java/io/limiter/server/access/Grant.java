package io.limiter.server.access;

import java.util.List;
import java.util.Set;

/**
 * Some methods in some domains. Immutable.
 *
 * @param methods one or more
 * @param domains names, of which the last character may be {@code *} for any ending; empty for what
 *     is done in no domain
 */
public record Grant(Set<Method> methods, List<String> domains) {
  public Grant {
    methods = Set.copyOf(methods);
    domains = List.copyOf(domains);
  }

  /** Whether it allows a method in a domain; the name of the domain need not be one of any. */
  public boolean allows(Method method, String domain) {
    return methods.contains(method)
        && (!method.inDomains() || domains.stream().anyMatch(one -> covers(one, domain)));
  }

  /** Whether it allows a method in any domain at all. */
  boolean allowsSomewhere(Method method) {
    return methods.contains(method) && (!method.inDomains() || !domains.isEmpty());
  }

  private static boolean covers(String pattern, String domain) {
    return pattern.endsWith("*")
        ? domain.startsWith(pattern.substring(0, pattern.length() - 1))
        : domain.equals(pattern);
  }
}
