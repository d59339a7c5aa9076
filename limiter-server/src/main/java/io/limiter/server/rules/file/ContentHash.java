package io.limiter.server.rules.file;

import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.TreeSet;

/**
 * SHA-256 of files and of sets of files, in 64 hexadecimal digits.
 *
 * <p>The hash of a set is that of the lines that {@code sha256sum} prints of its files, sorted by
 * their names: {@code LC_ALL=C sha256sum *.yaml | sha256sum} says the same of a directory.
 */
public final class ContentHash {
  private ContentHash() {}

  static String of(byte[] contents) {
    return Hashing.sha256().hashBytes(contents).toString();
  }

  /** The hash of several files, in whatever order. */
  public static String of(Collection<Named> files) {
    StringBuilder lines = new StringBuilder();
    for (Named file : new TreeSet<>(files)) {
      lines.append(file.sha256).append("  ").append(file.file).append('\n');
    }
    return of(lines.toString().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * A file's name, without its directory, and the hash of what is in it.
   *
   * @param sha256 64 hexadecimal digits
   */
  public record Named(String file, String sha256) implements Comparable<Named> {
    @Override
    public int compareTo(Named other) {
      int byFile = file.compareTo(other.file);
      return byFile != 0 ? byFile : sha256.compareTo(other.sha256);
    }
  }
}
