package io.limiter.server.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Ends a child process when this one is gone, even when it was killed and could do nothing.
 *
 * <p>A shell waits at the end of a pipe that nobody writes to. The system closes the pipe when this
 * process is gone, whatever ended it; then the shell ends the child and removes its folder.
 */
final class Watch {
  private static final Path SHELL = Path.of("/bin/sh");
  private static final String SCRIPT =
      // A closed terminal or Ctrl-C reaches every process of the group: the shell has to outlast
      // it.
      "trap '' INT TERM HUP; read -r _; kill -KILL \"$1\" 2>/dev/null; /bin/rm -rf -- \"$2\"";

  private Watch() {}

  /**
   * Watches; null on a system without a shell, where a child may outlive a killed parent.
   *
   * @param child the process to end
   * @param folder to be removed after it
   */
  static @Nullable Process over(Process child, Path folder) throws IOException {
    if (!Files.isExecutable(SHELL)) {
      return null;
    }
    return new ProcessBuilder(
            SHELL.toString(), "-c", SCRIPT, "sh", Long.toString(child.pid()), folder.toString())
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
