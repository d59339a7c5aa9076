package io.limiter.server.cli;

import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.live.RulesText;
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
      "1:they have problems",
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
    List<Problem> problems = loaded.get().problems();
    problems.forEach(console.out()::println);
    loaded.get().warnings().forEach(warning -> console.out().println("warning: " + warning));
    loaded.get().leftOut().forEach(file -> console.out().println("left out: " + file));
    console
        .out()
        .printf(
            "%s; good: %s%n",
            RulesText.count(problems.size(), "problem"), RulesText.summary(loaded.get().table()));
    return problems.isEmpty() ? 0 : EXIT_PROBLEMS;
  }
}
