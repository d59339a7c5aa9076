package io.limiter.server.cli;

import io.limiter.server.cli.access.AccessCommand;
import io.limiter.server.cli.console.Console;
import io.limiter.server.cli.console.VersionText;
import io.limiter.server.cli.environment.LimiterVariables;
import io.limiter.server.cli.option.TokenOptions;
import io.limiter.server.program.NettyDefaults;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The program. */
@Command(
    name = "limiter",
    description = "A distributed rate-limit service over Redis.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    subcommands = {
      Serve.class,
      Check.class,
      Peek.class,
      Receipts.Refund.class,
      Receipts.Settle.class,
      Receipts.Release.class,
      Receipts.Extend.class,
      Reset.class,
      Explain.class,
      RulesInForce.class,
      Health.class,
      Validate.class,
      Schema.class,
      AccessCommand.class,
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
    // No text, and no number in one, changes with the language of the host.
    Locale.setDefault(Locale.ROOT);
    NettyDefaults.set();
    Charset charset = Charset.defaultCharset();
    PrintWriter out = new PrintWriter(System.out, true, charset);
    PrintWriter err = new PrintWriter(System.err, true, charset);
    System.exit(runTyped(System.getenv(), out, err, args));
  }

  /** Runs the command that was typed, unless some of it cannot be read for sure. */
  private static int runTyped(
      Map<String, String> environment, PrintWriter out, PrintWriter err, String... args) {
    TypedArguments typed = TypedArguments.of(List.of(args), environment);
    if (!typed.problems().isEmpty()) {
      typed.problems().forEach(problem -> err.println("limiter: " + problem));
      return EXIT_USAGE;
    }
    return run(environment, out, err, typed.arguments().toArray(String[]::new));
  }

  /** Runs a command; returns its exit code. */
  static int run(
      Map<String, String> environment, PrintWriter out, PrintWriter err, String... args) {
    return commandLine(environment, args).setOut(out).setErr(err).execute(args);
  }

  /** Without a command there is nothing to do. */
  @Override
  public Integer call() {
    console.complain("a command is missing; use serve, check or another, see limiter --help");
    return EXIT_USAGE;
  }

  static CommandLine commandLine(Map<String, String> environment, String... args) {
    OptionSources sources = new OptionSources(environment, args);
    CommandLine commands = new CommandLine(new Main());
    // A value that begins with "@" is not the name of a file to read values from.
    commands.setExpandAtFiles(false);
    commands.setDefaultValueProvider(sources);
    commands.setParameterExceptionHandler(new UsageErrors(sources));
    commands.setExecutionStrategy(parsed -> execute(commands, environment, parsed));
    commands.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          command.getErr().println("limiter: this should not happen; please report it");
          failure.printStackTrace(command.getErr());
          return EXIT_USAGE;
        });
    return commands;
  }

  /** A misspelt variable would be passed over in silence, and with it what it should have set. */
  private static int execute(
      CommandLine commands, Map<String, String> environment, ParseResult parsed) {
    List<String> misspelt =
        LimiterVariables.of(
                environment, variables(commands.getCommandSpec()), variables(typed(parsed)))
            .misspelt();
    if (misspelt.isEmpty() || asksForHelp(parsed)) {
      return new CommandLine.RunLast().execute(parsed);
    }
    misspelt.forEach(message -> commands.getErr().println("limiter: " + message));
    return EXIT_USAGE;
  }

  private static CommandSpec typed(ParseResult parsed) {
    return parsed.hasSubcommand() ? typed(parsed.subcommand()) : parsed.commandSpec();
  }

  private static boolean asksForHelp(ParseResult parsed) {
    return parsed.isUsageHelpRequested()
        || parsed.isVersionHelpRequested()
        || (parsed.hasSubcommand() && asksForHelp(parsed.subcommand()));
  }

  /** The variables that the options of a command and its subcommands read. */
  static Set<String> variables(CommandSpec command) {
    Set<String> variables = new TreeSet<>();
    for (OptionSpec option : command.options()) {
      if (!option.usageHelp() && !option.versionHelp()) {
        variables.add(OptionSources.variable(option.longestName()));
      }
    }
    if (variables.contains(OptionSources.variable(TokenOptions.FILE))) {
      variables.add(TokenOptions.VARIABLE);
    }
    command
        .subcommands()
        .values()
        .forEach(subcommand -> variables.addAll(variables(subcommand.getCommandSpec())));
    return variables;
  }
}
