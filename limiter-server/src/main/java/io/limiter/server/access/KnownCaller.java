package io.limiter.server.access;

import java.util.List;
import java.util.Set;

/**
 * A caller that the operator knows. Immutable.
 *
 * @param name its own; empty for whoever shows nothing
 * @param certificates the names in certificates by which it is told
 * @param tokens the hashes of its secrets
 * @param subjects of signed tokens by which it is told
 * @param users on a Unix socket by whom it is told
 * @param grants what it may do
 * @param bounds how much of it
 */
public record KnownCaller(
    String name,
    List<String> certificates,
    List<String> tokens,
    List<Subject> subjects,
    Set<Integer> users,
    List<Grant> grants,
    CallerLimits bounds) {

  public KnownCaller {
    certificates = List.copyOf(certificates);
    tokens = List.copyOf(tokens);
    subjects = List.copyOf(subjects);
    users = Set.copyOf(users);
    grants = List.copyOf(grants);
  }

  /**
   * Of a signed token.
   *
   * @param issuer the name that the configuration gives it
   */
  public record Subject(String issuer, String subject) {}

  /** Whether it may do something in a domain. */
  public boolean may(Method method, String domain) {
    return grants.stream().anyMatch(grant -> grant.allows(method, domain));
  }

  /** Whether it may do something in any domain. */
  public boolean maySomewhere(Method method) {
    return grants.stream().anyMatch(grant -> grant.allowsSomewhere(method));
  }
}
