package io.limiter.server.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import redis.embedded.core.ExecutableProvider;

/**
 * A {@code redis-server} to run.
 *
 * @param origin where it was found, for people
 */
record RedisProgram(Path file, String origin) {

  /**
   * The one on the path, else the one that comes with this program.
   *
   * @param path folders, separated as in the environment's PATH
   * @param folder where to unpack the latter
   * @throws IOException when there is none for this operating system
   */
  static RedisProgram find(String path, Path folder) throws IOException {
    Optional<RedisProgram> installed = onPath(path);
    return installed.isPresent() ? installed.get() : bundled(folder);
  }

  private static Optional<RedisProgram> onPath(String path) {
    for (String entry : path.split(File.pathSeparator, -1)) {
      for (String name : List.of("redis-server", "redis-server.exe")) {
        try {
          Path file = Path.of(entry, name);
          if (!entry.isEmpty() && Files.isRegularFile(file) && Files.isExecutable(file)) {
            return Optional.of(new RedisProgram(file, "found on the PATH"));
          }
        } catch (InvalidPathException ignored) {
          // An entry that is no folder here: the next one may be.
        }
      }
    }
    return Optional.empty();
  }

  private static RedisProgram bundled(Path folder) throws IOException {
    try {
      File file = ExecutableProvider.newJarResourceProvider(folder.toFile()).get();
      return new RedisProgram(file.toPath(), "it comes with this program");
    } catch (RuntimeException e) {
      throw new IOException("none comes with this program for this system (" + e + ")", e);
    }
  }

  @Override
  public String toString() {
    return file.getFileName() + " (" + origin + ")";
  }
}
