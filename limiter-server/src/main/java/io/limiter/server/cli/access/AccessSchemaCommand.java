package io.limiter.server.cli.access;

import io.limiter.server.access.file.AccessSchema;
import io.limiter.server.cli.console.Console;
import io.limiter.server.cli.console.VersionText;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Prints the JSON Schema of files of callers. */
@Command(
    name = "schema",
    description = "Prints the JSON Schema of files of callers, for editors.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class AccessSchemaCommand implements Callable<Integer> {
  @Mixin private final Console console = new Console();

  @Override
  public Integer call() {
    console.out().print(AccessSchema.json());
    console.out().flush();
    return 0;
  }
}
