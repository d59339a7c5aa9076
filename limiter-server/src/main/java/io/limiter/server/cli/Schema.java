package io.limiter.server.cli;

import io.limiter.server.cli.console.Console;
import io.limiter.server.cli.console.VersionText;
import io.limiter.server.rules.file.RulesSchema;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Prints the JSON Schema of rules files. */
@Command(
    name = "schema",
    description = "Prints the JSON Schema of rules files, for editors.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class Schema implements Callable<Integer> {
  @Mixin private final Console console = new Console();

  @Override
  public Integer call() {
    console.out().print(RulesSchema.json());
    console.out().flush();
    return 0;
  }
}
