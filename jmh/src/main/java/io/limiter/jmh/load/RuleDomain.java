package io.limiter.jmh.load;

import io.limiter.algorithm.Algorithm;
import java.util.Locale;

/**
 * A domain of the generator's own. Each of its rules applies to each question, which names a user
 * and nothing else: what is measured is not to depend on how a question finds its rules.
 *
 * @param algorithm of all its rules
 * @param state of the first rule; the others are open
 * @param rules how many there are
 */
record RuleDomain(Algorithm algorithm, State state, int rules) {
  /** What a question says beside the domain. */
  static final String QUESTION = "user";

  /** What becomes of the questions to a rule. */
  enum State {
    /** A limit that nothing reaches. */
    OPEN(""),
    /** One that a question a day uses up. */
    USED("-used"),
    /** One that nothing reaches, with a lease. */
    LEASED("-leased");

    private final String suffix;

    State(String suffix) {
      this.suffix = suffix;
    }
  }

  String name() {
    return "load-" + algorithm.label() + state.suffix + (rules == 1 ? "" : "-" + rules);
  }

  String yaml() {
    StringBuilder yaml = new StringBuilder("domain: ").append(name()).append("\nrules:\n");
    for (int i = 1; i <= rules; i++) {
      yaml.append(rule(i, i == 1 ? state : State.OPEN));
    }
    return yaml.toString();
  }

  private String rule(int number, State state) {
    return String.format(
        Locale.ROOT,
        """
          - name: rule-%d
            key: [user]
            algorithm: %s
            %s
        """,
        number,
        algorithm.label(),
        limit(state));
  }

  private String limit(State state) {
    return switch (state) {
      case OPEN -> open();
      case USED -> usedUp();
      case LEASED -> open() + "\n    lease: { size: 1%, idle: 1s }";
    };
  }

  /** Far more than can be asked, in numbers that are still exact; used long enough to be stored. */
  private String open() {
    return switch (algorithm) {
      case FIXED_WINDOW, SLIDING_COUNTER -> "limit: 50_000_000\n    window: 1m";
      // A minute of a busy key would be millions of entries.
      case SLIDING_LOG -> "limit: 50_000_000\n    window: 10s";
      case TOKEN_BUCKET -> "rate: 1/s\n    burst: 4_000_000_000";
      case LEAKY_BUCKET -> "rate: 1/s\n    capacity: 4_000_000_000";
    };
  }

  private String usedUp() {
    return switch (algorithm) {
      case FIXED_WINDOW, SLIDING_COUNTER, SLIDING_LOG -> "limit: 1\n    window: 1d";
      case TOKEN_BUCKET -> "rate: 1/d\n    burst: 1";
      case LEAKY_BUCKET -> "rate: 1/d\n    capacity: 1";
    };
  }
}
