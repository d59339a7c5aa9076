package io.limiter.server.access.file;

import io.limiter.server.access.AccessTable;
import io.limiter.server.access.IssuerKeys;
import io.limiter.server.access.Seal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where it is written who may ask what. Immutable.
 *
 * @param access the file of callers and grants
 * @param secrets the file of the secrets that all instances share
 */
public record AccessFiles(Path access, Path secrets) {
  private static final int MOST_TOLD = 5;

  /** What the files said. */
  record Read(AccessTable table, IssuerKeys keys, Seal seal, List<Path> files) {}

  /**
   * Checks that the files can be used.
   *
   * @throws IOException when they cannot; the message says why and what to do
   */
  public void check() throws IOException {
    read();
  }

  /** What the files say now. */
  Read read() throws IOException {
    AccessFile read = AccessFile.read(access);
    if (read.table().isEmpty()) {
      throw new IOException(problems(read));
    }
    List<Path> files = new ArrayList<>(read.files());
    files.add(secrets);
    return new Read(read.table().get(), read.keys(), SecretsFile.read(secrets), files);
  }

  private static String problems(AccessFile read) {
    String told =
        String.join("; ", read.problems().stream().limit(MOST_TOLD).map(Object::toString).toList());
    int more = read.problems().size() - MOST_TOLD;
    return more > 0 ? told + "; and %d more".formatted(more) : told;
  }

  /** What files hold; nothing in the place of what cannot be read. */
  static byte[] content(List<Path> files) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Path file : files) {
      all.write(0);
      try {
        all.writeBytes(Files.readAllBytes(file));
      } catch (IOException unreadable) {
        all.write(1);
      }
    }
    return all.toByteArray();
  }
}
