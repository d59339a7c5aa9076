package io.limiter.server.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The README, taken apart for the tests that hold it to what the program does. */
public final class Readme {
  /** The top of the repository; tests run in the module's folder. */
  static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w+)\\n(.*?)^```$");

  private final String text;

  private Readme(String text) {
    this.text = text;
  }

  /** Reads it. */
  public static Readme read() {
    try {
      return new Readme(Files.readString(ROOT.resolve("README.md")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All of it. */
  public String text() {
    return text;
  }

  /** What stands between fences, of one language. */
  public List<String> blocks(String language) {
    return BLOCK
        .matcher(text)
        .results()
        .filter(block -> block.group(1).equals(language))
        .map(block -> block.group(2))
        .toList();
  }

  /** What {@code pattern} finds. */
  public List<MatchResult> find(String pattern) {
    return Pattern.compile(pattern, Pattern.MULTILINE).matcher(text).results().toList();
  }

  /** The commands of a block of language {@code console}. */
  static List<Shown> commands(String console) {
    List<Shown> commands = new ArrayList<>();
    for (String part : console.split("(?m)^\\$ ", -1)) {
      if (!part.isEmpty()) {
        int end = part.indexOf('\n');
        commands.add(new Shown(part.substring(0, end), part.substring(end + 1)));
      }
    }
    return commands;
  }

  /** A command and what it prints. */
  record Shown(String command, String output) {
    private static final String PROGRAM = "java -jar limiter-server/target/limiter-server.jar ";

    boolean runsTheProgram() {
      return command.startsWith(PROGRAM);
    }

    List<String> arguments() {
      return List.of(command.substring(PROGRAM.length()).split(" ", -1));
    }

    /** The KEY=VALUE among the arguments. */
    Stream<String[]> attributes() {
      return arguments().stream()
          .filter(argument -> argument.matches("\\w+=.*"))
          .map(attribute -> attribute.split("=", 2));
    }
  }
}
