package io.limiter.server.cli;

import io.limiter.server.rules.Quoted;
import java.io.PrintWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a command writes. Mixed into each command. */
@Command
final class Console {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  /** For answers. */
  PrintWriter out() {
    return command().commandLine().getOut();
  }

  /** For errors. */
  PrintWriter err() {
    return command().commandLine().getErr();
  }

  /** Prints one line: what went wrong, and what to do. */
  void complain(String message) {
    err().println("limiter: " + Quoted.line(message));
  }

  /** The exception for a wrong argument. */
  ParameterException refusal(String message) {
    return new ParameterException(command().commandLine(), message);
  }

  private CommandSpec command() {
    return Objects.requireNonNull(command, "a command is run by picocli, which sets this");
  }
}
