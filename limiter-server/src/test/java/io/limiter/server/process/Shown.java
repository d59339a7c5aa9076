package io.limiter.server.process;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A command that a page shows.
 *
 * @param command in one line
 * @param output what it prints, if that is shown
 */
public record Shown(String command, String output) {
  private static final Pattern PROGRAM =
      Pattern.compile("^(?:java -jar limiter-server/target/limiter-server\\.jar|bin/limiter) ");
  private static final Pattern CONTINUED = Pattern.compile("\\\\\\n\\s*");
  private static final Pattern ARGUMENT = Pattern.compile("(?:\"[^\"]*\"|'[^']*'|[^\\s\"'])+");

  /** The commands of a block: behind prompts in {@code console}, line by line in {@code sh}. */
  static List<Shown> in(String language, String block) {
    List<Shown> commands = new ArrayList<>();
    if (language.equals("console")) {
      for (String part : block.split("(?m)^\\$ ", -1)) {
        if (!part.isEmpty()) {
          String joined = joinedFirstLine(part);
          int end = joined.indexOf('\n');
          commands.add(new Shown(joined.substring(0, end), joined.substring(end + 1)));
        }
      }
    } else if (language.equals("sh")) {
      CONTINUED
          .matcher(block)
          .replaceAll("")
          .lines()
          .flatMap(line -> Stream.of(line.split(" && ", -1)))
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .forEach(line -> commands.add(new Shown(line, "")));
    }
    return commands;
  }

  private static String joinedFirstLine(String part) {
    String joined = part;
    while (joined.indexOf('\n') > 0 && joined.charAt(joined.indexOf('\n') - 1) == '\\') {
      joined = CONTINUED.matcher(joined).replaceFirst("");
    }
    return joined;
  }

  /** Whether it is a command of this project's program. */
  public boolean runsTheProgram() {
    return PROGRAM.matcher(command).find();
  }

  /** What it is told, without the shell's quotes. */
  public List<String> arguments() {
    return ARGUMENT
        .matcher(PROGRAM.matcher(command).replaceFirst(""))
        .results()
        .map(MatchResult::group)
        .map(argument -> argument.replaceAll("[\"']", ""))
        .toList();
  }

  /** The value of a flag, or an empty text. */
  String flag(String name) {
    int at = arguments().indexOf(name);
    return at < 0 ? "" : arguments().get(at + 1);
  }

  /** The KEY=VALUE among the arguments. */
  Stream<String[]> attributes() {
    return arguments().stream()
        .filter(argument -> argument.matches("\\w+=.*"))
        .map(attribute -> attribute.split("=", 2));
  }
}
