package io.limiter.server.cli;

import io.limiter.server.program.NettyDefaults;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The program. */
@Command(
    name = "limiter",
    description = "A distributed rate-limit service over Redis.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    subcommands = {
      Serve.class,
      Check.class,
      Explain.class,
      Validate.class,
      Schema.class,
      Completion.class
    },
    footer = {
      "",
      "Every option can also be set in the environment: LIMITER_GRPC_PORT stands for --grpc-port."
    })
public final class Main implements Callable<Integer> {
  /** Bad flags, a bad configuration, or a question that could not be asked. */
  static final int EXIT_USAGE = 2;

  @Mixin private final Console console = new Console();

  private Main() {}

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] args) {
    NettyDefaults.set();
    Charset charset = Charset.defaultCharset();
    PrintWriter out = new PrintWriter(System.out, true, charset);
    PrintWriter err = new PrintWriter(System.err, true, charset);
    System.exit(run(System.getenv(), out, err, args));
  }

  /** Runs a command; returns its exit code. */
  static int run(
      Map<String, String> environment, PrintWriter out, PrintWriter err, String... args) {
    return commandLine(environment, args).setOut(out).setErr(err).execute(args);
  }

  /** Without a command there is nothing to do. */
  @Override
  public Integer call() {
    console.complain(
        "a command is missing; use serve, check, explain, validate, schema or completion, or see limiter --help");
    return EXIT_USAGE;
  }

  static CommandLine commandLine(Map<String, String> environment, String... args) {
    OptionSources sources = new OptionSources(environment, args);
    CommandLine commands = new CommandLine(new Main());
    // A value that begins with "@" is not the name of a file to read values from.
    commands.setExpandAtFiles(false);
    commands.setDefaultValueProvider(sources);
    commands.setParameterExceptionHandler(new UsageErrors(sources));
    commands.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          command.getErr().println("limiter: this should not happen; please report it");
          failure.printStackTrace(command.getErr());
          return EXIT_USAGE;
        });
    return commands;
  }
}
