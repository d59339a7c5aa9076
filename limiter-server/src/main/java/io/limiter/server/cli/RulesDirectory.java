package io.limiter.server.cli;

import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Loads the rules of the directory that a command names. */
final class RulesDirectory {
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
}
