package io.limiter.server.cli.access;

import io.limiter.server.access.AccessTable;
import io.limiter.server.access.CallerLimits;
import io.limiter.server.access.file.AccessFile;
import io.limiter.server.cli.console.Console;
import io.limiter.server.cli.console.VersionText;
import io.limiter.server.cli.option.OptionTypes;
import io.limiter.server.rules.live.RulesText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Checks a file of callers. */
@Command(
    name = "check",
    description = "Checks a file of callers, and the keys it names, and prints every problem.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the file is good",
      "1:it has problems",
      "2:there is no such file, or a flag is wrong"
    })
final class AccessCheck implements Callable<Integer> {
  private static final int EXIT_PROBLEMS = 1;

  @Parameters(
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "YAML file of callers and what each may do.")
  private Path file = Path.of("");

  @Mixin private final Console console = new Console();

  @Override
  public Integer call() {
    if (!Files.isRegularFile(file)) {
      console.complain("FILE: %s is not a file; name the one of callers".formatted(file));
      return AccessCommand.EXIT_USAGE;
    }
    AccessFile read = AccessFile.read(file);
    read.problems().forEach(console.out()::println);
    console
        .out()
        .println(
            read.table()
                .map(AccessCheck::summary)
                .orElseGet(() -> RulesText.count(read.problems().size(), "problem")));
    return read.table().isPresent() ? 0 : EXIT_PROBLEMS;
  }

  private static String summary(AccessTable table) {
    long named = table.callers().stream().filter(caller -> !caller.name().isEmpty()).count();
    long bounded =
        table.callers().stream()
            .filter(caller -> !caller.bounds().equals(CallerLimits.NONE))
            .count();
    return "no problems: %s, %s%s%s"
        .formatted(
            RulesText.count((int) named, "caller"),
            RulesText.count(table.issuers().size(), "issuer"),
            table.anonymous() == null ? "" : ", and whoever shows nothing",
            bounded == 0 ? "" : "; %d with bounds".formatted(bounded));
  }
}
