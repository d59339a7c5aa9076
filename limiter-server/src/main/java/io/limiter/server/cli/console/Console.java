package io.limiter.server.cli.console;

import io.limiter.server.rules.Quoted;
import java.io.PrintWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a command writes. Mixed into each command. */
@Command
public final class Console {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  /** For answers. */
  public PrintWriter out() {
    return command().commandLine().getOut();
  }

  /** For errors. */
  public PrintWriter err() {
    return command().commandLine().getErr();
  }

  /** Prints one line: what went wrong, and what to do. */
  public void complain(String message) {
    err().println("limiter: " + Quoted.line(message));
  }

  /** The program, with all of its commands. */
  public CommandLine root() {
    return command().root().commandLine();
  }

  /** The exception for a wrong argument. */
  public ParameterException refusal(String message) {
    return new ParameterException(command().commandLine(), message);
  }

  /** The command that it is mixed into. */
  public CommandSpec command() {
    return Objects.requireNonNull(command, "a command is run by picocli, which sets this");
  }
}
