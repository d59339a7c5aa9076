package io.limiter.server.rules.file;

import io.limiter.server.rules.file.LoadedRules.LeftOut;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The files of a directory and of the folders below it, in the order of their names. Links are
 * followed, each folder once. What begins with two dots is left out without a word: so Kubernetes
 * keeps the contents of its mounts, which the links beside it lead to.
 */
final class FolderFiles {
  /** The deepest folder, counted from the directory. */
  private static final int DEEPEST = 16;

  /** The most files. */
  private static final int MOST = 10_000;

  private final Path directory;
  private final List<Found> files = new ArrayList<>();
  private final List<LeftOut> leftOut = new ArrayList<>();
  private final Set<Path> seen = new HashSet<>();

  /**
   * A file.
   *
   * @param name its path below the directory, with slashes
   * @param plain whether it lies in the directory itself and is called {@code *.yaml} or {@code
   *     *.yml}, without a dot before: then it is for rules, whatever is in it
   */
  record Found(Path path, String name, boolean plain) {}

  private FolderFiles(Path directory) {
    this.directory = directory;
  }

  /**
   * Lists a directory.
   *
   * @throws IOException when it cannot be listed itself
   */
  static FolderFiles of(Path directory) throws IOException {
    FolderFiles all = new FolderFiles(directory);
    all.seen.add(directory.toRealPath());
    all.list(directory, /* depth= */ 0);
    return all;
  }

  List<Found> files() {
    return files;
  }

  /** Folders that are not looked into, and why. */
  List<LeftOut> leftOut() {
    return leftOut;
  }

  private void list(Path folder, int depth) throws IOException {
    for (Path path : sorted(folder)) {
      String own = path.getFileName().toString();
      String name = directory.relativize(path).toString().replace('\\', '/');
      if (own.startsWith("..")) {
        continue;
      }
      if (Files.isDirectory(path)) {
        below(path, name, depth + 1);
      } else if (files.size() == MOST) {
        leftOut.add(new LeftOut(name, "beyond the first %d files; remove some".formatted(MOST)));
        return;
      } else {
        boolean yaml = own.endsWith(".yaml") || own.endsWith(".yml");
        files.add(new Found(path, name, depth == 0 && yaml && !own.startsWith(".")));
      }
    }
  }

  private static List<Path> sorted(Path folder) throws IOException {
    try (Stream<Path> paths = Files.list(folder)) {
      return paths.sorted().toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void below(Path folder, String name, int depth) {
    try {
      if (depth > DEEPEST) {
        leftOut.add(new LeftOut(name, "more than %d folders deep; move it up".formatted(DEEPEST)));
      } else if (seen.add(folder.toRealPath())) {
        list(folder, depth);
      } else {
        leftOut.add(new LeftOut(name, "leads to a folder that is read already"));
      }
    } catch (IOException e) {
      leftOut.add(
          new LeftOut(
              name, "cannot be listed (%s); check who may read it".formatted(e.getMessage())));
    }
  }
}
