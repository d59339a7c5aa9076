package io.limiter.jmh.load.traffic;

import io.limiter.algorithm.Algorithm;

/**
 * A domain of the generator's own. Each of its rules applies to each question, and a question names
 * only a user. So what is measured does not depend on how a question finds its rules. Or, where
 * that is what is measured, a question names a plan as well, and only that plan's rules apply.
 *
 * @param algorithm of all its rules
 * @param state of the first rule that applies to a question; the others are open
 * @param rules how many apply to a question
 * @param plans how many plans have so many rules each; 0 for rules that ask for no plan
 */
public record RuleDomain(Algorithm algorithm, State state, int rules, int plans) {

  /** What becomes of the questions to a rule. */
  public enum State {
    /** A limit that nothing reaches. */
    OPEN(""),
    /** One that a question a day uses up. */
    USED("-used"),
    /** One that nothing reaches, with a lease. */
    LEASED("-leased"),
    /** One that nothing reaches and that forgets nothing for a day. */
    COUNTED("-counted");

    private final String suffix;

    State(String suffix) {
      this.suffix = suffix;
    }
  }

  public String name() {
    return "load-"
        + algorithm.label()
        + state.suffix
        + (rules == 1 ? "" : "-" + rules)
        + (plans == 0 ? "" : "-of-" + rules * plans);
  }

  String yaml() {
    StringBuilder yaml = new StringBuilder("domain: ").append(name()).append("\nrules:\n");
    String first = rule(state);
    String other = rule(State.OPEN);
    for (int i = 0; i < rules * Math.max(1, plans); i++) {
      yaml.append("  - name: rule-").append(i + 1).append('\n');
      if (plans > 0) {
        yaml.append("    when: { plan: ").append(Question.plan(i / rules)).append(" }\n");
      }
      yaml.append(i % rules == 0 ? first : other);
    }
    return yaml.toString();
  }

  private String rule(State state) {
    return "    key: [user]\n    algorithm: %s\n    %s\n"
        .formatted(algorithm.label(), limit(state));
  }

  private String limit(State state) {
    return switch (state) {
      case OPEN -> open();
      case USED -> usedUp();
      case LEASED -> open() + "\n    lease: { size: 1%, idle: 1s }";
      case COUNTED -> "limit: 50_000_000\n    window: 1d";
    };
  }

  /** Far more than can be asked, in numbers that are still exact; used long enough to be stored. */
  private String open() {
    if (algorithm.tellsUse()) {
      return "rate: 1/s\n    %s: 4_000_000_000".formatted(size());
    }
    if (algorithm == Algorithm.CONCURRENCY) {
      // Nobody releases what is asked here.
      return "limit: 50_000_000\n    hold: 1s";
    }
    // A minute of a busy key would be millions of a log's entries.
    String window = algorithm == Algorithm.SLIDING_LOG ? "10s" : "1m";
    return "limit: 50_000_000\n    window: " + window;
  }

  private String usedUp() {
    if (algorithm.tellsUse()) {
      return "rate: 1/d\n    %s: 1".formatted(size());
    }
    return "limit: 1\n    %s: 1d".formatted(algorithm == Algorithm.CONCURRENCY ? "hold" : "window");
  }

  /** What a rules file calls the size of a bucket. */
  private String size() {
    return algorithm == Algorithm.TOKEN_BUCKET ? "burst" : "capacity";
  }
}
