package io.limiter.server.rules.live;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A directory of rules as people and platforms change it. */
public final class RulesDir {
  private final Path place;
  private int swaps;

  /** Of this directory. */
  public RulesDir(Path place) {
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
  public void replace(String file, String text) throws IOException {
    rename(Files.writeString(place.resolve("." + file + ".new"), text), file);
  }

  void delete(String file) throws IOException {
    Files.delete(place.resolve(file));
  }

  /** As Kubernetes does with a ConfigMap: the file is a link through ..data, which is swapped. */
  public void swap(String file, String text) throws IOException {
    Path version = Files.createDirectory(place.resolve("..version-" + ++swaps));
    Files.writeString(version.resolve(file), text);
    link("..data", version.getFileName());
    if (!Files.isSymbolicLink(place.resolve(file))) {
      link(file, Path.of("..data", file));
    }
  }

  private void link(String name, Path target) throws IOException {
    rename(Files.createSymbolicLink(place.resolve(".." + name + "_tmp"), target), name);
  }

  private void rename(Path aside, String name) throws IOException {
    Files.move(
        aside,
        place.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
