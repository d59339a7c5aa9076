package io.limiter.server.cli;

import io.limiter.server.cli.environment.Nearest;
import java.util.List;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
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
    error.getCommandLine().getErr().println("limiter: " + message(error));
    return Main.EXIT_USAGE;
  }

  private String message(ParameterException error) {
    String help = error.getCommandLine().getCommandSpec().qualifiedName() + " --help";
    if (error instanceof UnmatchedArgumentException unmatched) {
      return unmatched(unmatched, help);
    }
    if (error instanceof MissingParameterException missing) {
      // What is missing may be there, misspelt: that comes first.
      List<String> unmatched = error.getCommandLine().getUnmatchedArguments();
      if (!unmatched.isEmpty() && unmatched.get(0).startsWith("-")) {
        return unmatched(new UnmatchedArgumentException(error.getCommandLine(), unmatched), help);
      }
      StringJoiner lines = new StringJoiner("\nlimiter: ");
      for (ArgSpec arg : missing.getMissing()) {
        lines.add("%s: a value is missing; see %s".formatted(sources.origin(arg), help));
      }
      return lines.toString();
    }
    ArgSpec arg = error.getArgSpec();
    if (arg != null && error.getCause() instanceof TypeConversionException conversion) {
      return sources.origin(arg) + ": " + conversion.getMessage();
    }
    return String.valueOf(error.getMessage());
  }

  private static String unmatched(UnmatchedArgumentException error, String help) {
    String first = shown(error.getUnmatched().get(0));
    List<String> suggestions =
        error.isUnknownOption()
            ? Nearest.of(first, options(error.getCommandLine()), '-').stream().toList()
            : error.getSuggestions();
    String remedy =
        suggestions.isEmpty()
            ? "see " + help
            : "did you mean %s? See %s".formatted(String.join(" or ", suggestions), help);
    return "%s \"%s\"; %s"
        .formatted(error.isUnknownOption() ? "unknown option" : "unexpected", first, remedy);
  }

  private static List<String> options(CommandLine command) {
    return command.getCommandSpec().options().stream().map(OptionSpec::longestName).toList();
  }

  /** Without what may be a secret: a password in a URI, the value of an unknown option. */
  private static String shown(String argument) {
    String name = argument.startsWith("-") ? argument.replaceFirst("(?s)=.*", "") : argument;
    return SECRET.matcher(name).replaceAll("...");
  }
}
