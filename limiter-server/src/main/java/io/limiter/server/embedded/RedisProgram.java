package io.limiter.server.embedded;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import redis.embedded.core.ExecutableProvider;
import redis.embedded.model.OsArchitecture;

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

  /** Found by the JVM's properties: the library itself would run {@code uname} off the PATH. */
  private static RedisProgram bundled(Path folder) throws IOException {
    String system = System.getProperty("os.name", "");
    String processor = System.getProperty("os.arch", "");
    Optional<OsArchitecture> known = known(system, processor);
    if (known.isEmpty()) {
      throw new IOException(
          "none comes with this program for %s on %s".formatted(system, processor));
    }
    String resource =
        Objects.requireNonNull(ExecutableProvider.newProvidedVersionsMap().get(known.get()));
    Path file = folder.resolve(resource.substring(resource.lastIndexOf('/') + 1));
    try (InputStream binary = ExecutableProvider.class.getResourceAsStream(resource)) {
      Files.copy(Objects.requireNonNull(binary, resource), file);
    }
    if (!file.toFile().setExecutable(true)) {
      throw new IOException(file + " cannot be made executable");
    }
    return new RedisProgram(file, "it comes with this program");
  }

  private static Optional<OsArchitecture> known(String system, String processor) {
    boolean arm = processor.equals("aarch64");
    if (!arm && !processor.equals("amd64") && !processor.equals("x86_64")) {
      return Optional.empty();
    }
    if (system.equals("Linux")) {
      return Optional.of(arm ? OsArchitecture.UNIX_AARCH64 : OsArchitecture.UNIX_x86_64);
    }
    if (system.startsWith("Mac")) {
      return Optional.of(arm ? OsArchitecture.MAC_OS_X_ARM64 : OsArchitecture.MAC_OS_X_x86_64);
    }
    return system.startsWith("Windows") && !arm
        ? Optional.of(OsArchitecture.WINDOWS_x86_64)
        : Optional.empty();
  }

  @Override
  public String toString() {
    return file.getFileName() + " (" + origin + ")";
  }
}
