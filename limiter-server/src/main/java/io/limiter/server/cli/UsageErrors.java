package io.limiter.server.cli;

import io.limiter.server.rules.Suggestion;
import java.nio.file.InvalidPathException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in one line what is wrong with the flags, the environment or the configuration file. */
final class UsageErrors implements IParameterExceptionHandler {
  /** What may be a user and a password. */
  private static final Pattern SECRET = Pattern.compile("(?<=://).*(?=@)", Pattern.DOTALL);

  private final OptionSources sources;

  UsageErrors(OptionSources sources) {
    this.sources = sources;
  }

  @Override
  public int handleParseException(ParameterException error, String[] args) {
    error.getCommandLine().getErr().println("limiter: " + message(error, args));
    return Main.EXIT_USAGE;
  }

  private String message(ParameterException error, String[] args) {
    CommandSpec command = error.getCommandLine().getCommandSpec();
    String help = command.qualifiedName() + " --help";
    if (error instanceof UnmatchedArgumentException unmatched) {
      return unmatched(unmatched, command, help);
    }
    if (error instanceof MissingParameterException missing) {
      // A required option that is misspelt is missing, too: the misspelling is the mistake.
      Optional<String> early = optionBefore(command, args);
      if (early.isPresent()) {
        return before(early.get(), command);
      }
      Optional<String> unknown = unknownOption(command, args);
      return unknown.isPresent()
          ? unknownOption(unknown.get(), command, help)
          : missing(missing, help);
    }
    ArgSpec arg = error.getArgSpec();
    if (arg != null && error.getCause() instanceof TypeConversionException conversion) {
      return sources.origin(arg) + ": " + conversion.getMessage();
    }
    if (arg != null && error.getCause() instanceof InvalidPathException path) {
      return ("%s: \"%s\" cannot name a file where the locale's letters are %s;"
              + " set LC_ALL=C.UTF-8, or use a name of ASCII letters")
          .formatted(
              sources.origin(arg), path.getInput(), System.getProperty("sun.jnu.encoding", "few"));
    }
    return String.valueOf(error.getMessage());
  }

  private String missing(MissingParameterException error, String help) {
    StringJoiner lines = new StringJoiner("\nlimiter: ");
    for (ArgSpec arg : error.getMissing()) {
      lines.add("%s: a value is missing; see %s".formatted(sources.origin(arg), help));
    }
    return lines.toString();
  }

  private static String unmatched(
      UnmatchedArgumentException error, CommandSpec command, String help) {
    String first = error.getUnmatched().get(0);
    if (error.isUnknownOption() || first.startsWith("-")) {
      return unknownOption(first, command, help);
    }
    return "unexpected \"%s\"; %s"
        .formatted(
            shown(first), remedy(Suggestion.nearest(first, command.subcommands().keySet()), help));
  }

  private static String unknownOption(String option, CommandSpec command, String help) {
    String name = option.split("=", 2)[0];
    for (Map.Entry<String, CommandLine> sub : command.subcommands().entrySet()) {
      if (sub.getValue().getCommandSpec().optionsMap().containsKey(name)) {
        return before(name, sub.getValue().getCommandSpec());
      }
    }
    return "unknown option \"%s\"; %s"
        .formatted(shown(name), remedy(nearestOption(name, command), help));
  }

  private static String before(String option, CommandSpec command) {
    return "%s stands before the command; write it behind, as in %s %s"
        .formatted(option, command.qualifiedName(), option);
  }

  /** An option that stands before the command that it belongs to. */
  private static Optional<String> optionBefore(CommandSpec command, String[] args) {
    return Stream.of(args)
        .takeWhile(arg -> !arg.equals(command.name()))
        .map(arg -> arg.split("=", 2)[0])
        .filter(command.optionsMap()::containsKey)
        .findFirst();
  }

  /** Single dashes are forgiven here: {@code -domain} means {@code --domain}. */
  private static Optional<String> nearestOption(String name, CommandSpec command) {
    List<String> known =
        command.options().stream().map(option -> option.longestName().substring(2)).toList();
    String bare = name.replaceFirst("^-+", "");
    return Suggestion.nearestName(bare, known, '-')
        .or(() -> Suggestion.nearest(bare, known))
        .map(near -> "--" + near);
  }

  private static String remedy(Optional<String> nearest, String help) {
    return nearest
        .map(near -> "did you mean %s? See %s".formatted(near, help))
        .orElse("see " + help);
  }

  /** The first argument that looks like an option, is none, and is not the value of one. */
  private static Optional<String> unknownOption(CommandSpec command, String[] args) {
    Map<String, OptionSpec> known = command.optionsMap();
    boolean isValue = false;
    for (String arg : args) {
      if (arg.equals("--")) {
        return Optional.empty();
      }
      OptionSpec option = known.get(arg);
      if (!isValue && arg.matches("--?[A-Za-z].*") && !known.containsKey(arg.split("=", 2)[0])) {
        return Optional.of(arg);
      }
      isValue = option != null && option.arity().min() > 0;
    }
    return Optional.empty();
  }

  /** Without what may be a secret: a password in a URI, the value of an unknown option. */
  private static String shown(String argument) {
    String name = argument.startsWith("-") ? argument.replaceFirst("(?s)=.*", "") : argument;
    return SECRET.matcher(name).replaceAll("...");
  }
}
