package io.limiter.server.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.process.Documentation;
import io.limiter.server.process.Page;
import io.limiter.server.process.Shown;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** README.md and docs/ name the program's options, no more and no fewer. */
class DocumentationOptionsTest {
  private static final Documentation ALL = Documentation.read();
  private static final String ROW = "^\\| `(--[a-z-]+)` \\| `(LIMITER_\\w+)` \\| ([^|]+) \\|";
  private static final List<String> COMMANDS =
      List.of(
          "serve",
          "check",
          "peek",
          "refund",
          "settle",
          "release",
          "extend",
          "reset",
          "explain",
          "rules",
          "health",
          "validate",
          "access explain",
          "access token");

  /** What {@code bin/limiter} reads, and does not pass on. */
  private static final Set<String> LAUNCHER = Set.of("LIMITER_JAVA_OPTS", "LIMITER_CACHE");

  /** Has no flag: every user of a host can read those. */
  private static final String TOKEN = "LIMITER_TOKEN";

  /** Of docker. */
  private static final Set<String> OTHERS =
      Set.of("--help", "--build", "--read-only", "--cap-drop", "--rm", "--network", "--tmpfs");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "serve",
        "check",
        "peek",
        "refund",
        "settle",
        "release",
        "extend",
        "reset",
        "explain",
        "rules",
        "health",
        "validate",
        "access explain",
        "access token"
      })
  void everyOption_isInTheTableOfItsCommand(String command) {
    List<String> rows =
        ALL.pages().stream()
            .flatMap(
                page -> page.find(ROW).stream().filter(row -> command.equals(commandOf(page, row))))
            .map(row -> row.group(1) + " " + row.group(2) + " " + row.group(3))
            .sorted()
            .toList();
    List<String> options =
        options(command).stream()
            .map(
                option ->
                    option.longestName()
                        + " "
                        + OptionSources.variable(option.longestName())
                        + " "
                        + byDefault(option))
            .sorted()
            .toList();
    assertEquals(options, rows);
  }

  @Test
  void everyRow_standsUnderItsCommand() {
    for (Page page : ALL.pages()) {
      for (MatchResult row : page.find(ROW)) {
        assertTrue(COMMANDS.contains(commandOf(page, row)), row::group);
      }
    }
  }

  @Test
  void everyOptionNamedAnywhere_isThere() {
    Set<String> known =
        COMMANDS.stream()
            .flatMap(command -> options(command).stream())
            .map(OptionSpec::longestName)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> variables =
        known.stream().map(OptionSources::variable).collect(Collectors.toCollection(TreeSet::new));
    known.addAll(OTHERS);
    variables.addAll(LAUNCHER);
    variables.add(TOKEN);
    for (Page page : ALL.pages()) {
      for (MatchResult option : page.withoutOthers().find("(?<![-\\w])--[a-z][a-z-]+")) {
        assertTrue(known.contains(option.group()), page.name() + ": " + option.group());
      }
      for (MatchResult variable : page.find("LIMITER_[A-Z_]+")) {
        assertTrue(variables.contains(variable.group()), page.name() + ": " + variable.group());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sh", "console"})
  void everyCommandShown_isTaken(String language) {
    List<Shown> commands =
        ALL.pages().stream()
            .flatMap(page -> page.commands(language).stream())
            .filter(Shown::runsTheProgram)
            .toList();
    assertFalse(commands.isEmpty());
    for (Shown shown : commands) {
      String[] line = shown.arguments().toArray(String[]::new);
      // A configuration file is the reader's own.
      if (!List.of(line).contains("--config")) {
        assertDoesNotThrow(() -> Main.commandLine(Map.of(), line).parseArgs(line), shown::command);
      }
    }
  }

  @Test
  void configurationFile_isTaken(@TempDir Path folder) throws IOException {
    List<String> shown =
        ALL.blocks("yaml").stream().filter(block -> block.startsWith("# limiter.yaml")).toList();
    assertFalse(shown.isEmpty());
    for (String block : shown) {
      Path file = Files.writeString(folder.resolve("limiter.yaml"), block);
      String[] line = {"serve", "--config", file.toString()};
      assertDoesNotThrow(() -> Main.commandLine(Map.of(), line).parseArgs(line));
    }
  }

  /** The command under whose heading the row's table stands. */
  private static String commandOf(Page page, MatchResult row) {
    return page.find("^#+ (.+)$").stream()
        .filter(heading -> heading.start() < row.start())
        .reduce((first, last) -> last)
        .map(heading -> heading.group(1))
        .orElse("");
  }

  private static List<OptionSpec> options(String command) {
    CommandLine line = Main.commandLine(Map.of());
    for (String word : command.split(" ", -1)) {
      line = Objects.requireNonNull(line.getSubcommands().get(word));
    }
    return line.getCommandSpec().options().stream()
        .filter(option -> !option.usageHelp() && !option.versionHelp())
        .toList();
  }

  /** As its description says it. */
  private static String byDefault(OptionSpec option) {
    if (option.required()) {
      return "required";
    }
    String description = String.join(" ", option.description());
    int says = description.indexOf("Default: ");
    if (says >= 0) {
      return description.substring(says + "Default: ".length()).replaceAll("\\.$", "");
    }
    return option.longestName().equals("--json") ? "text for people" : "none";
  }
}
