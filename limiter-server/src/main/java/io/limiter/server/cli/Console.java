package io.limiter.server.cli;

import java.io.PrintWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Where a command writes: mixed into each. */
final class Console {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  /** For answers. */
  PrintWriter out() {
    return command().commandLine().getOut();
  }

  /** For what went wrong. */
  PrintWriter err() {
    return command().commandLine().getErr();
  }

  /** Prints one line about what went wrong, and what to do. */
  void complain(String message) {
    err().println("limiter: " + message);
  }

  private CommandSpec command() {
    return Objects.requireNonNull(command, "a command is run by picocli, which sets this");
  }
}
