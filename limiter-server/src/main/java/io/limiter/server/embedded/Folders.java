package io.limiter.server.embedded;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Temporary folders. */
final class Folders {
  private static final Logger log = LoggerFactory.getLogger(Folders.class);

  private Folders() {}

  /**
   * A new one.
   *
   * @throws IOException when there can be none; the message says where, why and what to do
   */
  static Path temporary(String prefix) throws IOException {
    try {
      return Files.createTempDirectory(prefix);
    } catch (IOException e) {
      throw new IOException(
          ("no Redis of our own can be started: the temporary folder %s cannot be written to (%s);"
                  + " name another with -Djava.io.tmpdir=DIR, or a Redis with --redis")
              .formatted(System.getProperty("java.io.tmpdir"), reason(e)),
          e);
    }
  }

  /** The exceptions of files have a path for a message. */
  private static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "it is not there";
    }
    return e instanceof AccessDeniedException
        ? "this user may not"
        : String.valueOf(e.getMessage());
  }

  /** Removes a folder and what is in it; says so in the log when something stays. */
  static void delete(Path folder) {
    try (Stream<Path> walk = Files.walk(folder)) {
      List<Path> deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      log.warn("The temporary folder {} stays: {}", folder, e.getMessage());
    }
  }
}
