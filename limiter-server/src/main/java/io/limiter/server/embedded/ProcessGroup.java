package io.limiter.server.embedded;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Keeps a child out of this process's group. Ctrl-C in a terminal goes to the whole group, and
 * would end Redis before the calls that still need it are answered.
 */
final class ProcessGroup {
  private ProcessGroup() {}

  /**
   * What to put before a command, so that it becomes a group, with the same process id. Empty on a
   * system without {@code setsid}.
   */
  static List<String> ofItsOwn() {
    for (String file : List.of("/usr/bin/setsid", "/bin/setsid")) {
      if (Files.isExecutable(Path.of(file))) {
        return List.of(file);
      }
    }
    return List.of();
  }
}
