package io.limiter.server.cli;

import io.limiter.server.cli.environment.LimiterVariables;
import io.limiter.server.rules.Quoted;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
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

  /** The program, with all of its commands. */
  CommandLine root() {
    return command().root().commandLine();
  }

  /** The exception for a wrong argument. */
  ParameterException refusal(String message) {
    return new ParameterException(command().commandLine(), message);
  }

  /** The environment that the program was given. */
  Map<String, String> environment() {
    return sources().environment();
  }

  /** Those of its variables that begin as ours do, and that no option reads. */
  LimiterVariables variables() {
    return LimiterVariables.of(
        environment(), Main.variables(command().root()), Main.variables(command()));
  }

  private OptionSources sources() {
    return (OptionSources) command().defaultValueProvider();
  }

  private CommandSpec command() {
    return Objects.requireNonNull(command, "a command is run by picocli, which sets this");
  }
}
