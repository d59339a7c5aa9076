package io.limiter.server.store.endpoint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file that holds one secret in its only line. No message tells what it holds. */
final class SecretFile {
  private static final int MOST_BYTES = 65_536;

  private SecretFile() {}

  /**
   * Reads it, without the end of its line.
   *
   * @param whose it is, for messages
   * @param secretName what is in it, for messages
   * @throws IOException when it cannot be used; the message says which, why and what to do
   */
  static String read(Path file, String whose, String secretName) throws IOException {
    String what = whose + " " + secretName;
    byte[] bytes = bytes(file, what);
    if (bytes.length > MOST_BYTES) {
      throw unusable(file, what, "holds more than 65536 bytes; name the right file");
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw unusable(file, what, "is not UTF-8; save it as UTF-8");
    }
    String secret = text.replaceFirst("\\r?\\n\\z", "");
    if (secret.isEmpty()) {
      throw unusable(file, what, "is empty; write the " + secretName + " into it");
    }
    if (secret.chars().anyMatch(c -> c == '\n' || c == '\r' || c == 0)) {
      throw unusable(
          file, what, "holds more than one line; write only the " + secretName + " into it");
    }
    return secret;
  }

  private static byte[] bytes(Path file, String what) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(MOST_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw unusable(file, what, "is not there; name one that is");
    } catch (AccessDeniedException e) {
      throw unusable(file, what, "may not be read by this user; allow it");
    } catch (IOException e) {
      throw unusable(file, what, "cannot be read (%s); name a file".formatted(e.getMessage()));
    }
  }

  private static IOException unusable(Path file, String what, String why) {
    return new IOException("the file of %s, %s, %s".formatted(what, file, why));
  }
}
