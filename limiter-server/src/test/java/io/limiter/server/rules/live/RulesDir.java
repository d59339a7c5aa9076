package io.limiter.server.rules.live;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A directory of rules as people and platforms change it. */
final class RulesDir {
  private final Path place;
  private int swaps;

  RulesDir(Path place) {
    this.place = place;
  }

  /** A domain of one rule with this limit. */
  static String domain(String name, long limit) {
    return """
        domain: %s
        rules:
          - { name: r, algorithm: fixed-window, limit: %d, window: 366d }
        """
        .formatted(name, limit);
  }

  void write(String file, String text) throws IOException {
    Files.writeString(place.resolve(file), text);
  }

  /** As careful programs do: written aside, then renamed over the file. */
  void replace(String file, String text) throws IOException {
    Path aside = place.resolve("." + file + ".new");
    Files.writeString(aside, text);
    Files.move(
        aside,
        place.resolve(file),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  void delete(String file) throws IOException {
    Files.delete(place.resolve(file));
  }

  /** As Kubernetes does with a ConfigMap: the file is a link through ..data, which is swapped. */
  void swap(String file, String text) throws IOException {
    Path version = Files.createDirectory(place.resolve("..version-" + ++swaps));
    Files.writeString(version.resolve(file), text);
    Path link = place.resolve("..data_tmp");
    Files.createSymbolicLink(link, version.getFileName());
    Files.move(
        link,
        place.resolve("..data"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    if (!Files.exists(place.resolve(file))) {
      Files.createSymbolicLink(place.resolve(file), Path.of("..data", file));
    }
  }
}
