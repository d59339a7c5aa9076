package io.limiter.server.cli;

import io.limiter.server.rules.LoadedRules;
import io.limiter.server.rules.RuleFiles;
import io.limiter.server.rules.RuleTable;
import io.limiter.server.rules.live.RulesState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The rules that a command names, and how they are told to people. */
final class RulesDirectory {
  private RulesDirectory() {}

  /**
   * Loads them; says what is wrong with the directory when there is nothing to load.
   *
   * @param directory null for the samples that come with the program
   * @param name how the command names the directory
   */
  static Optional<LoadedRules> load(@Nullable Path directory, String name, Console console) {
    if (directory == null) {
      return Optional.of(RuleFiles.samples());
    }
    if (!Files.isDirectory(directory)) {
      console.complain(
          "%s: %s is not a directory; name the one that holds the rules' YAML files"
              .formatted(name, directory));
      return Optional.empty();
    }
    try {
      return Optional.of(RuleFiles.load(directory));
    } catch (IOException e) {
      console.complain(
          "%s: %s cannot be read (%s); allow this user to read it"
              .formatted(name, directory, e.getMessage()));
      return Optional.empty();
    }
  }

  /** The domains and how many rules each has: {@code ai (4 rules), edge (1 rule)}. */
  static String summary(RuleTable table) {
    return table.domains().isEmpty()
        ? "no domain"
        : table.domains().stream()
            .sorted()
            .map(domain -> "%s (%s)".formatted(domain, count(table.ruleCount(domain), "rule")))
            .collect(Collectors.joining(", "));
  }

  /**
   * How many domains are in force and, where the last attempt to change them failed, since when.
   */
  static String standing(RulesState state) {
    String domains = count(state.inForce().domains().size(), "domain");
    int problems = state.lastAttempt().problems().size();
    return problems == 0
        ? domains
        : "%s, as loaded at %s; %s since, see /rules"
            .formatted(domains, state.inForce().since(), count(problems, "problem"));
  }

  /** A number and a noun: {@code 1 rule}, {@code 2 rules}. */
  static String count(int number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }
}
