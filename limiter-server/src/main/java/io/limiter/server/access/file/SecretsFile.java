package io.limiter.server.access.file;

import io.limiter.server.key.ValueHash;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * A file of secrets that all instances share, one on each line. The first is used; what the others
 * made is still known, so that a secret can be changed in two steps.
 */
public final class SecretsFile {
  private static final int LEAST = 32;
  private static final int MOST_LINES = 4;
  private static final int MOST_BYTES = 64 << 10;

  private SecretsFile() {}

  /**
   * How its first secret hashes values, and the second, if there is one, did before.
   *
   * @throws IOException if it cannot be used; the message says why and what to do, and holds
   *     nothing of the file
   */
  public static ValueHash values(Path path) throws IOException {
    return values(read(path));
  }

  static ValueHash values(List<byte[]> secrets) {
    ValueHash first = ValueHash.keyed(secrets.get(0));
    return secrets.size() == 1 ? first : first.after(ValueHash.keyed(secrets.get(1)));
  }

  /** Its secrets, 1 or more. */
  static List<byte[]> read(Path path) throws IOException {
    List<String> lines =
        text(path)
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty() && !line.startsWith("#"))
            .toList();
    if (lines.isEmpty()) {
      throw unusable(path, "holds no secret");
    }
    if (lines.size() > MOST_LINES) {
      throw unusable(path, "holds %d secrets, more than %d".formatted(lines.size(), MOST_LINES));
    }
    for (String line : lines) {
      if (line.length() < LEAST) {
        throw unusable(
            path, "holds a secret of %d characters, less than %d".formatted(line.length(), LEAST));
      }
    }
    return lines.stream().map(line -> line.getBytes(StandardCharsets.UTF_8)).toList();
  }

  private static String text(Path path) throws IOException {
    try {
      if (Files.size(path) <= MOST_BYTES) {
        return Files.readString(path, StandardCharsets.UTF_8);
      }
    } catch (NoSuchFileException e) {
      throw unusable(path, "is not there");
    } catch (AccessDeniedException e) {
      throw new IOException(
          "the file of secrets %s may not be read by this user; allow it".formatted(path), e);
    } catch (CharacterCodingException e) {
      throw unusable(path, "is not text");
    } catch (IOException e) {
      throw unusable(path, "cannot be read (%s)".formatted(e.getMessage()));
    }
    throw unusable(path, "has more than %d bytes".formatted(MOST_BYTES));
  }

  private static IOException unusable(Path path, String why) {
    return new IOException(
        "the file of secrets %s %s; write a line of 32 or more random characters into it, as by: openssl rand -base64 32"
            .formatted(path, why));
  }
}
