package io.limiter.server.rules.live;

import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.table.RuleTable;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The rules in force, and what became of the last attempt to change them. Immutable. */
public record RulesState(InForce inForce, Attempt lastAttempt) {
  /**
   * One attempt to load rules. Reading the same again is no new attempt.
   *
   * @param at when it was made, by this host's clock
   * @param hash of all files that were read, good or bad; empty when none could be
   * @param problems everything that is wrong, a line each; empty when all that was read is in force
   * @param warnings what is odd in the files and ignored, a line each
   * @param leftOut what lies in the directory and is not read, a line each
   */
  public record Attempt(
      Instant at,
      Optional<String> hash,
      List<String> problems,
      List<String> warnings,
      List<String> leftOut) {
    public Attempt {
      problems = List.copyOf(problems);
      warnings = List.copyOf(warnings);
      leftOut = List.copyOf(leftOut);
    }

    /** Whether all that was read is in force. */
    public boolean good() {
      return problems.isEmpty();
    }
  }

  /** How many rules are in force, of all domains. */
  public int ruleCount() {
    RuleTable table = inForce.table();
    return table.domains().stream().mapToInt(table::ruleCount).sum();
  }

  static RulesState of(LoadedRules loaded, Instant now) {
    return new RulesState(InForce.of(loaded, now), attempt(loaded, now));
  }

  /**
   * The state after {@code reading}; empty if that says nothing new.
   *
   * <p>A directory without files keeps the rules in force: it is being set up anew, or its mount is
   * away.
   */
  Optional<RulesState> after(Reading reading, Instant now) {
    InForce next = inForce;
    Attempt attempt;
    if (reading instanceof Reading.Files read) {
      boolean emptied = read.loaded().files().isEmpty() && !inForce.domains().isEmpty();
      attempt =
          emptied
              ? failed("holds no file of rules; put one there, with rules: [] for none", now)
              : attempt(read.loaded(), now);
      next = emptied ? inForce : inForce.after(read.loaded(), now);
    } else {
      attempt = failed(((Reading.Nothing) reading).why(), now);
    }
    boolean isNew =
        !attempt.hash().equals(lastAttempt.hash())
            || !attempt.problems().equals(lastAttempt.problems())
            || !attempt.warnings().equals(lastAttempt.warnings())
            || !attempt.leftOut().equals(lastAttempt.leftOut());
    return isNew ? Optional.of(new RulesState(next, attempt)) : Optional.empty();
  }

  private static Attempt attempt(LoadedRules loaded, Instant now) {
    return new Attempt(
        now,
        Optional.of(loaded.hash()),
        loaded.problems().stream().map(Object::toString).toList(),
        loaded.warnings().stream().map(Object::toString).toList(),
        loaded.leftOut().stream().map(Object::toString).toList());
  }

  private static Attempt failed(String why, Instant now) {
    List<String> problems = List.of("rules directory " + why);
    return new Attempt(now, Optional.empty(), problems, List.of(), List.of());
  }
}
