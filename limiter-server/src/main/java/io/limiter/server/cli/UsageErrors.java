package io.limiter.server.cli;

import java.util.List;
import java.util.StringJoiner;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in one line what is wrong with the flags, the environment or the configuration file. */
final class UsageErrors implements IParameterExceptionHandler {
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
    String first = error.getUnmatched().get(0);
    List<String> suggestions = error.getSuggestions();
    String remedy =
        suggestions.isEmpty()
            ? "see " + help
            : "did you mean %s? See %s".formatted(String.join(" or ", suggestions), help);
    return "%s \"%s\"; %s"
        .formatted(error.isUnknownOption() ? "unknown option" : "unexpected", first, remedy);
  }
}
