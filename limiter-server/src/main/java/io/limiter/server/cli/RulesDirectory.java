package io.limiter.server.cli;

import io.limiter.server.cli.console.Console;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Loads the rules of the directory that a command names. */
final class RulesDirectory {
  /** How many names of other files a message shows. */
  private static final int SHOWN = 5;

  private RulesDirectory() {}

  /**
   * Loads them. Empty after it printed why the directory cannot be read.
   *
   * @param directory null for the samples that come with the program
   * @param name the option or argument that names it
   */
  static Optional<LoadedRules> load(@Nullable Path directory, String name, Console console) {
    if (directory == null) {
      return Optional.of(RuleFiles.samples());
    }
    if (directory.toString().isEmpty()) {
      console.complain(
          name + ": the name is empty; name the directory that holds the rules' YAML files");
      return Optional.empty();
    }
    if (!Files.isDirectory(directory)) {
      console.complain(
          "%s: %s is not a directory; name the one that holds the rules' YAML files"
              .formatted(name, directory));
      return Optional.empty();
    }
    try {
      return Optional.of(RuleFiles.load(directory));
    } catch (IOException e) {
      console.complain(
          "%s: %s cannot be read (%s); allow this user to read it"
              .formatted(name, directory, e.getMessage()));
      return Optional.empty();
    }
  }

  /** What to say of a directory that holds no file of rules: what was looked for, and found. */
  static String holdsNone(Path directory) {
    String found;
    try (Stream<Path> entries = Files.list(directory)) {
      List<String> names =
          entries.map(entry -> entry.getFileName().toString()).sorted().limit(SHOWN + 1L).toList();
      found =
          names.isEmpty()
              ? "it is empty"
              : "it holds "
                  + String.join(", ", names.subList(0, Math.min(SHOWN, names.size())))
                  + (names.size() > SHOWN ? ", …" : "");
    } catch (IOException | UncheckedIOException e) {
      found = "it cannot be listed";
    }
    return "DIR: no file of rules in %s or its folders: %s; save one there, such as shop.yaml"
        .formatted(directory, found);
  }
}
