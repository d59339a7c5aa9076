package io.limiter.server.rules;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.List;
import java.util.Map;

/** Asks domains of rules. */
public final class Matching {
  private Matching() {}

  /** What applies in a domain, which must be one of rules. */
  public static Match match(Rules rules, String domain, Map<String, String> attributes) {
    return assertInstanceOf(Domain.OfRules.class, rules.domain(domain), domain).match(attributes);
  }

  /** The rules of it. */
  public static List<Rule> rules(Rules rules, String domain, Map<String, String> attributes) {
    return match(rules, domain, attributes).rules();
  }
}
