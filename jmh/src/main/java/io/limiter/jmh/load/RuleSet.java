package io.limiter.jmh.load;

import io.limiter.algorithm.Algorithm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The rules that the generator asks about. A question chooses among them by its attributes: {@code
 * algorithm} and {@code rules} (how many apply to it), and {@code state}: {@code open} for limits
 * that nothing reaches, {@code used} for those that one question a day uses up.
 */
final class RuleSet {
  static final String DOMAIN = "load";
  static final String ENVOY_DOMAIN = "load-envoy";
  static final String ENVOY_OPEN = "user";
  static final String ENVOY_USED_UP = "used";
  static final int MOST_RULES = 8;

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

  /** The attributes of a question to these rules. */
  static String question(Algorithm algorithm, int rules, String state) {
    return "user,algorithm=%s,rules=%d,state=%s".formatted(algorithm.label(), rules, state);
  }

  /**
   * Writes the files.
   *
   * @param leased of these algorithms, a rule with a lease is written as well
   */
  static void write(Path directory, Set<Algorithm> leased) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve(DOMAIN + ".yaml"), rules(leased));
    Files.writeString(directory.resolve(ENVOY_DOMAIN + ".yaml"), DESCRIPTORS);
  }

  private static String rules(Set<Algorithm> leased) {
    StringJoiner rules = new StringJoiner("", "domain: " + DOMAIN + "\nrules:\n", "");
    for (Algorithm algorithm : Algorithm.values()) {
      String label = algorithm.label();
      rules.add(rule(label + "-1", label, "state: open", open(algorithm)));
      rules.add(rule(label + "-used", label, "state: used", usedUp(algorithm)));
      if (leased.contains(algorithm)) {
        String limit = open(algorithm) + "\n    lease: { size: 1%, idle: 1s }";
        rules.add(rule(label + "-leased", label, "state: leased", limit));
      }
      for (int i = 2; i <= MOST_RULES; i++) {
        String counts =
            IntStream.rangeClosed(i, MOST_RULES)
                .mapToObj("\"%d\""::formatted)
                .collect(Collectors.joining(", ", "rules: [", "]"));
        rules.add(rule(label + "-" + i, label, counts, open(algorithm)));
      }
    }
    return rules.toString();
  }

  private static String rule(String name, String algorithm, String condition, String limit) {
    return String.format(
        Locale.ROOT,
        """
          - name: %s
            when: { algorithm: %s, %s }
            key: [user]
            algorithm: %s
            %s
        """,
        name,
        algorithm,
        condition,
        algorithm,
        limit);
  }

  /** Far more than can be asked, in numbers that are still exact; used long enough to be stored. */
  private static String open(Algorithm algorithm) {
    return switch (algorithm) {
      case FIXED_WINDOW, SLIDING_COUNTER -> "limit: 50_000_000\n    window: 1m";
      // A minute of a busy key would be millions of entries.
      case SLIDING_LOG -> "limit: 50_000_000\n    window: 10s";
      case TOKEN_BUCKET -> "rate: 1/s\n    burst: 4_000_000_000";
      case LEAKY_BUCKET -> "rate: 1/s\n    capacity: 4_000_000_000";
    };
  }

  private static String usedUp(Algorithm algorithm) {
    return switch (algorithm) {
      case FIXED_WINDOW, SLIDING_COUNTER, SLIDING_LOG -> "limit: 1\n    window: 1d";
      case TOKEN_BUCKET -> "rate: 1/d\n    burst: 1";
      case LEAKY_BUCKET -> "rate: 1/d\n    capacity: 1";
    };
  }
}
