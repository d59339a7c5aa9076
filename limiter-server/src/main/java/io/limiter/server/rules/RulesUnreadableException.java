package io.limiter.server.rules;

/**
 * A domain has no rules in force, for the file that says to hold them cannot be read. To answer
 * that no rule applies would open the gate. Carries no stack: it is thrown for each question.
 */
public final class RulesUnreadableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public RulesUnreadableException(String domain, String file) {
    this(
        "domain %s has no rules in force, for %s has problems; correct the file, see /rules"
            .formatted(Quoted.text(domain), Quoted.text(file)));
  }

  private RulesUnreadableException(String message) {
    super(message, null, false, false);
  }

  /** The same of a profile for gateways. */
  public static RulesUnreadableException ofProfile(String profile, String file) {
    return new RulesUnreadableException(
        "profile %s is not in force, for %s has problems; correct the file, see /rules"
            .formatted(Quoted.text(profile), Quoted.text(file)));
  }
}
