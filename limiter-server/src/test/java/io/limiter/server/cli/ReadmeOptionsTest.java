package io.limiter.server.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.process.Readme;
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

/** The README names the program's options, no more and no fewer. */
class ReadmeOptionsTest {
  private static final Readme README = Readme.read();

  @ParameterizedTest
  @ValueSource(strings = {"serve", "check", "explain", "validate"})
  void everyOption_isInTheTableOfItsCommand(String command) {
    List<String> rows =
        README.find("^\\| `(--[a-z-]+)` \\| `(LIMITER_\\w+)` \\| ([^|]+) \\|").stream()
            .filter(row -> command.equals(commandOf(row)))
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
  void everyOptionNamedAnywhere_isThere() {
    Set<String> known =
        List.of("serve", "check", "explain", "validate").stream()
            .flatMap(command -> options(command).stream())
            .map(OptionSpec::longestName)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> variables =
        known.stream().map(OptionSources::variable).collect(Collectors.toCollection(TreeSet::new));
    known.addAll(Set.of("--help", "--build"));
    for (MatchResult named : README.find("(?<![-\\w])--[a-z][a-z-]+")) {
      assertTrue(known.contains(named.group()), named::group);
    }
    for (MatchResult named : README.find("LIMITER_[A-Z_]+")) {
      assertTrue(variables.contains(named.group()), named::group);
    }
  }

  @Test
  void configurationFile_isTaken(@TempDir Path folder) throws IOException {
    List<String> shown =
        README.blocks("yaml").stream().filter(block -> block.startsWith("# limiter.yaml")).toList();
    assertEquals(1, shown.size());
    Path file = Files.writeString(folder.resolve("limiter.yaml"), shown.get(0));
    String[] line = {"serve", "--config", file.toString()};
    assertDoesNotThrow(() -> Main.commandLine(Map.of(), line).parseArgs(line));
  }

  /** The command under whose name the row's table stands. */
  private static String commandOf(MatchResult row) {
    return README.find("^`(serve|check|explain)`[:,]").stream()
        .filter(heading -> heading.start() < row.start())
        .reduce((first, last) -> last)
        .map(heading -> heading.group(1))
        .orElse("");
  }

  private static List<OptionSpec> options(String command) {
    CommandLine all = Main.commandLine(Map.of());
    return Objects.requireNonNull(all.getSubcommands().get(command))
        .getCommandSpec()
        .options()
        .stream()
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
