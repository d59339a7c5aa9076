package io.limiter.server.cli;

import io.limiter.server.cli.console.Console;
import io.limiter.server.cli.console.VersionText;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.live.RulesText;
import io.limiter.server.rules.table.RuleTable;
import io.limiter.server.rules.yaml.Problem;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Checks a directory of rules. */
@Command(
    name = "validate",
    description = "Checks the rules in a directory and prints every problem.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the rules are good",
      "1:they have problems, or there are none",
      "2:there is no such directory, or a flag is wrong"
    })
final class Validate implements Callable<Integer> {
  private static final int EXIT_PROBLEMS = 1;

  @Parameters(paramLabel = "DIR", description = "Directory of rules, one YAML file per domain.")
  private Path directory = Path.of("");

  @Mixin private final Console console = new Console();

  @Override
  public Integer call() {
    Optional<LoadedRules> loaded = RulesDirectory.load(directory, "DIR", console);
    if (loaded.isEmpty()) {
      return Main.EXIT_USAGE;
    }
    LoadedRules rules = loaded.get();
    List<Problem> problems = rules.problems();
    problems.forEach(console.out()::println);
    rules.warnings().forEach(warning -> console.out().println("warning: " + warning));
    rules.leftOut().forEach(file -> console.out().println("left out: " + file));
    if (problems.isEmpty() && rules.files().isEmpty()) {
      console.complain(RulesDirectory.holdsNone(directory));
      return EXIT_PROBLEMS;
    }
    String domains = RulesText.summary(rules.table());
    if (problems.isEmpty() && !countsAnything(rules.table())) {
      console.complain(
          "DIR: nothing in %s counts anything: %s; add a rule to a domain"
              .formatted(directory, domains));
      return EXIT_PROBLEMS;
    }
    console.out().println(result(problems.size(), rules.table().domains().isEmpty(), domains));
    return problems.isEmpty() ? 0 : EXIT_PROBLEMS;
  }

  private static boolean countsAnything(RuleTable table) {
    return table.domains().stream().anyMatch(domain -> table.ruleCount(domain) > 0);
  }

  private static String result(int problems, boolean noDomain, String domains) {
    if (problems == 0) {
      return "no problems: " + domains;
    }
    return RulesText.count(problems, "problem")
        + (noDomain ? "; no domain is without one" : "; without problems: " + domains);
  }
}
