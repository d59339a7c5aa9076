package io.limiter.jmh.load.traffic;

import io.limiter.algorithm.Algorithm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/** The rules that the generator asks about: a file for each domain. */
public final class RuleSet {
  public static final String ENVOY_DOMAIN = "load-envoy";
  public static final String ENVOY_OPEN = "user";
  public static final String ENVOY_USED_UP = "used";
  public static final int MOST_RULES = 8;

  /** So many fit a file. */
  public static final int MOST_IN_DOMAIN = 100_000;

  private static final String DESCRIPTORS =
      """
      domain: load-envoy
      descriptors:
        - key: user
          rate_limit: { unit: hour, requests_per_unit: 4294967295 }
        - key: user2
          rate_limit: { unit: hour, requests_per_unit: 4294967295 }
        - key: user3
          rate_limit: { unit: hour, requests_per_unit: 4294967295 }
        - key: used
          rate_limit: { unit: day, requests_per_unit: 1 }
      """;

  private RuleSet() {}

  /** Each domain that asks for no plan, but for those with leases: not all algorithms have any. */
  public static Set<RuleDomain> withoutLeases() {
    Set<RuleDomain> domains = new LinkedHashSet<>();
    for (Algorithm algorithm : Algorithm.values()) {
      for (int rules = 1; rules <= MOST_RULES; rules++) {
        domains.add(new RuleDomain(algorithm, RuleDomain.State.OPEN, rules, 0));
        domains.add(new RuleDomain(algorithm, RuleDomain.State.USED, rules, 0));
      }
    }
    domains.add(new RuleDomain(Algorithm.FIXED_WINDOW, RuleDomain.State.COUNTED, 1, 0));
    return domains;
  }

  /** Writes the files of these domains, and Envoy's. */
  public static void write(Path directory, Set<RuleDomain> domains) throws IOException {
    Files.createDirectories(directory);
    for (RuleDomain domain : domains) {
      Files.writeString(directory.resolve(domain.name() + ".yaml"), domain.yaml());
    }
    Files.writeString(directory.resolve(ENVOY_DOMAIN + ".yaml"), DESCRIPTORS);
  }
}
