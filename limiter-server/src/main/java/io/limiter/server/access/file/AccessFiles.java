package io.limiter.server.access.file;

import io.limiter.server.access.AccessTable;
import io.limiter.server.access.IssuerKeys;
import io.limiter.server.access.Seal;
import io.limiter.server.key.ValueHash;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where it is written who may ask what, and by which secrets instances know each other's work.
 * Immutable.
 *
 * @param access the file of callers and grants; null if anybody may do anything
 * @param secrets the file of the secrets that all instances share
 */
public record AccessFiles(@Nullable Path access, Path secrets) {
  private static final int MOST_TOLD = 5;

  /**
   * What the files said.
   *
   * @param callers null without a file of them
   * @param urls of keys that are elsewhere
   */
  record Read(@Nullable Callers callers, ValueHash values, List<Path> files, Set<URI> urls) {}

  /** What is said of callers. */
  record Callers(AccessTable table, IssuerKeys keys, Seal seal) {}

  /**
   * Checks that the file of callers can be used.
   *
   * @throws IOException when it cannot; the message says why and what to do
   */
  public void checkAccess() throws IOException {
    good(url -> Optional.empty());
  }

  /**
   * Checks that the file of secrets can be used.
   *
   * @throws IOException when it cannot; the message says why and what to do, and no secret
   */
  public void checkSecrets() throws IOException {
    SecretsFile.read(secrets);
  }

  private @Nullable AccessFile good(Function<URI, Optional<String>> downloaded) throws IOException {
    AccessFile read = access == null ? null : AccessFile.read(access, downloaded);
    if (read != null && read.table().isEmpty()) {
      throw new IOException(problems(read));
    }
    return read;
  }

  /**
   * What the files say now.
   *
   * @param downloaded what was had from a URL of keys
   */
  Read read(Function<URI, Optional<String>> downloaded) throws IOException {
    AccessFile read = good(downloaded);
    List<byte[]> known = SecretsFile.read(secrets);
    List<Path> files = new ArrayList<>(read == null ? List.of() : read.files());
    files.add(secrets);
    Callers callers =
        read == null ? null : new Callers(read.table().orElseThrow(), read.keys(), new Seal(known));
    return new Read(
        callers, SecretsFile.values(known), files, read == null ? Set.of() : read.urls());
  }

  /** The files, for the log. */
  @Override
  public String toString() {
    return access == null ? secrets.toString() : access + " and " + secrets;
  }

  private static String problems(AccessFile read) {
    String told =
        String.join("; ", read.problems().stream().limit(MOST_TOLD).map(Object::toString).toList());
    int more = read.problems().size() - MOST_TOLD;
    return more > 0 ? told + "; and %d more".formatted(more) : told;
  }

  /**
   * What files hold; nothing in the place of what cannot be read.
   *
   * @param more to tell apart as well
   */
  static byte[] content(List<Path> files, List<Optional<String>> more) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Path file : files) {
      all.write(0);
      try {
        all.writeBytes(Files.readAllBytes(file));
      } catch (IOException unreadable) {
        all.write(1);
      }
    }
    for (Optional<String> one : more) {
      all.write(2);
      all.writeBytes(one.orElse("").getBytes(StandardCharsets.UTF_8));
    }
    return all.toByteArray();
  }
}
