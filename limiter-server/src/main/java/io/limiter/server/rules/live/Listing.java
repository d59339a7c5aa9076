package io.limiter.server.rules.live;

import io.limiter.server.rules.file.RuleFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The files of a directory of rules from outside: their real paths, sizes, and the times when they
 * and their inodes last changed. Two equal listings prove that nothing changed between them, if
 * they are further apart than the resolution of the file system's clock.
 *
 * @param files a line for each file
 * @param folders where changes would happen: the real directory, and where links lead
 */
record Listing(List<String> files, Set<Path> folders) {
  /** Only the change time cannot be set by a program: it shows whatever is done to a file. */
  private static final String UNIX = "unix:size,lastModifiedTime,ctime,dev,ino";

  private static final String ELSEWHERE = "size,lastModifiedTime,creationTime,fileKey";

  Listing {
    files = List.copyOf(files);
    folders = Set.copyOf(folders);
  }

  /** Lists a directory; one that cannot be listed has the reason as its only line. */
  static Listing of(Path directory) {
    List<String> files = new ArrayList<>();
    Set<Path> folders = new TreeSet<>();
    try {
      Path real = directory.toRealPath();
      folders.add(real);
      for (Path file : RuleFiles.in(directory)) {
        files.add(directory.relativize(file) + " " + line(file, folders));
      }
      return new Listing(files, folders);
    } catch (IOException e) {
      return new Listing(List.of(reason(e)), Set.of());
    }
  }

  private static String line(Path file, Set<Path> folders) {
    try {
      Path real = file.toRealPath();
      Path folder = real.getParent();
      if (folder != null) {
        folders.add(folder);
      }
      boolean unix = real.getFileSystem().supportedFileAttributeViews().contains("unix");
      return real + " " + new TreeMap<>(Files.readAttributes(real, unix ? UNIX : ELSEWHERE));
    } catch (IOException e) {
      return reason(e);
    }
  }

  /** Why something cannot be read, for people: of some reasons the JDK says the path alone. */
  static String reason(IOException e) {
    return e instanceof NoSuchFileException
        ? "it is not there"
        : e.getClass().getSimpleName() + ": " + e.getMessage();
  }
}
