package io.limiter.server.cli.access;

import io.limiter.server.cli.console.Console;
import io.limiter.server.cli.console.VersionText;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Who may ask what. */
@Command(
    name = "access",
    description = "Checks and explains who may ask what, and makes tokens.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    subcommands = {
      AccessCheck.class,
      AccessExplain.class,
      AccessToken.class,
      AccessSchemaCommand.class
    })
public final class AccessCommand implements Callable<Integer> {
  /** Bad flags, or a file that cannot be used. */
  static final int EXIT_USAGE = 2;

  @Mixin private final Console console = new Console();

  /** Made by picocli. */
  public AccessCommand() {}

  /** Alone there is nothing to do. */
  @Override
  public Integer call() {
    console.complain(
        "a command is missing; use check, explain, token or schema, see limiter access --help");
    return EXIT_USAGE;
  }
}
