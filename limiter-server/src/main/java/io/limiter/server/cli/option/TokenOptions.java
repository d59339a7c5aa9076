package io.limiter.server.cli.option;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The token that a command shows to the service. No flag has it: every user can read those. */
@Command
public final class TokenOptions {
  /** Names the file. */
  public static final String FILE = "--token-file";

  /** Holds the token itself, if no file is named. */
  public static final String VARIABLE = "LIMITER_TOKEN";

  private static final int MOST_BYTES = 8 << 10;

  @Option(
      names = FILE,
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "File with the token to show. Default: what LIMITER_TOKEN holds.")
  private @Nullable Path file;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  /**
   * The token; empty if there is none to show.
   *
   * @throws ParameterException if it cannot be read, or is none; the message says why, and does not
   *     repeat it
   */
  public String token(Map<String, String> environment) {
    Path from = file;
    String token = from == null ? environment.getOrDefault(VARIABLE, "").strip() : read(from);
    if (!token.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
      throw refusal(
          (from == null ? VARIABLE : FILE + ": " + from)
              + " holds more than a token; write one alone, of ASCII letters, without blanks");
    }
    return token;
  }

  private String read(Path from) {
    try {
      if (Files.size(from) > MOST_BYTES) {
        throw refusal(
            "%s: %s has more than %d bytes; name a file with a token alone"
                .formatted(FILE, from, MOST_BYTES));
      }
      String token = Files.readString(from, StandardCharsets.ISO_8859_1).strip();
      if (token.isEmpty()) {
        throw refusal("%s: %s is empty; write the token into it".formatted(FILE, from));
      }
      return token;
    } catch (IOException e) {
      throw refusal(
          "%s: %s cannot be read; name a file that is there, and that this user may read"
              .formatted(FILE, from));
    }
  }

  private ParameterException refusal(String message) {
    CommandSpec spec =
        Objects.requireNonNull(command, "a command is run by picocli, which sets this");
    return new ParameterException(spec.commandLine(), message);
  }
}
