package io.limiter.server.embedded;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A {@code redis-server} to run.
 *
 * @param origin where it was found, for people
 */
record RedisProgram(Path file, String origin) {
  /** What {@code limiter-demo-redis.jar} holds, by operating system and processor. */
  static final Map<String, String> BUNDLED =
      Map.of(
          "Linux x64", "/redis-server-6.2.6-v5-linux-amd64",
          "Linux arm64", "/redis-server-6.2.7-linux-arm64",
          "Mac x64", "/redis-server-6.2.6-v5-darwin-amd64",
          "Mac arm64", "/redis-server-6.2.6-v5-darwin-arm64",
          "Windows x64", "/redis-server-5.0.14.1-windows-amd64.exe");

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

  /** That jar is on the class path when it stands beside the program's own. */
  private static RedisProgram bundled(Path folder) throws IOException {
    String system = System.getProperty("os.name", "");
    String processor = System.getProperty("os.arch", "");
    String resource = BUNDLED.get(machine(system, processor));
    if (resource == null) {
      throw new IOException(
          "none comes with this program for %s on %s".formatted(system, processor));
    }
    Path file = folder.resolve(resource.substring(1));
    try (InputStream binary = RedisProgram.class.getResourceAsStream(resource)) {
      if (binary == null) {
        throw new IOException(
            "there is no redis-server on the PATH and no limiter-demo-redis.jar beside the program");
      }
      Files.copy(binary, file);
    }
    if (!file.toFile().setExecutable(true)) {
      throw new IOException(file + " cannot be made executable");
    }
    return new RedisProgram(file, "it comes with this program");
  }

  /** By the JVM's properties; a key of {@link #BUNDLED} if one comes for it. */
  private static String machine(String system, String processor) {
    String name =
        List.of("Mac", "Windows").stream().filter(system::startsWith).findFirst().orElse(system);
    String kind =
        switch (processor) {
          case "amd64", "x86_64" -> "x64";
          case "aarch64" -> "arm64";
          default -> processor;
        };
    return name + " " + kind;
  }

  @Override
  public String toString() {
    return file.getFileName() + " (" + origin + ")";
  }
}
