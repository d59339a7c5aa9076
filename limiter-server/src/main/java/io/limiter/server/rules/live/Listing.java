package io.limiter.server.rules.live;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.limiter.server.rules.RuleFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * What a directory of rules looks like from outside: its files, where their links lead, and when
 * and how large they are. Two that are equal mean that nothing was changed in between, as far as
 * can be seen without reading.
 */
record Listing(List<String> files) {
  Listing {
    files = List.copyOf(files);
  }

  /**
   * Looks.
   *
   * @throws IOException when the directory cannot be listed
   */
  static Listing of(Path directory) throws IOException {
    List<String> files = new ArrayList<>();
    for (Path file : RuleFiles.in(directory)) {
      files.add(file.getFileName() + " " + face(file));
    }
    return new Listing(files);
  }

  private static String face(Path file) {
    try {
      Path real = file.toRealPath();
      BasicFileAttributes seen = Files.readAttributes(real, BasicFileAttributes.class);
      return real + " " + seen.size() + " " + seen.lastModifiedTime() + " " + seen.fileKey();
    } catch (IOException e) {
      return "cannot be seen";
    }
  }

  /**
   * The SHA-256 of what is in the files, and of their names, in 64 hexadecimal digits.
   *
   * @throws IOException when the directory cannot be listed
   */
  static String contentHash(Path directory) throws IOException {
    Hasher hasher = Hashing.sha256().newHasher();
    for (Path file : RuleFiles.in(directory)) {
      byte[] name = file.getFileName().toString().getBytes(StandardCharsets.UTF_8);
      byte[] bytes = contents(file);
      hasher.putInt(name.length).putBytes(name).putInt(bytes.length).putBytes(bytes);
    }
    return hasher.hash().toString();
  }

  private static byte[] contents(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      return new byte[0];
    }
  }
}
