package io.limiter.server.cli;

import io.limiter.server.cli.console.Console;
import io.limiter.server.cli.console.VersionText;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Prints what makes a shell complete commands and options. */
@Command(
    name = "completion",
    description = {
      "Prints a script that has bash or zsh complete commands and options.",
      "Use it so: source <(limiter completion)"
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class Completion implements Callable<Integer> {
  @Mixin private final Console console = new Console();

  @Override
  public Integer call() {
    console.out().print(AutoComplete.bash("limiter", console.root()));
    console.out().flush();
    return 0;
  }
}
