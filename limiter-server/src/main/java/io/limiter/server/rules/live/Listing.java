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
 * What a directory of rules looks like from outside: where it really is, its files, where their
 * links lead, how large they are, and when they and their inodes were last changed. If two looks,
 * further apart than the clock of the file system is coarse, are equal, nothing was changed in
 * between.
 *
 * @param faces a line for each file
 * @param folders where changes would happen: where the directory really is, and where links lead
 */
record Listing(List<String> faces, Set<Path> folders) {
  /** A change time cannot be set, as the others can: whatever is done to a file shows in it. */
  private static final String UNIX = "unix:size,lastModifiedTime,ctime,dev,ino";

  private static final String ELSEWHERE = "size,lastModifiedTime,creationTime,fileKey";

  Listing {
    faces = List.copyOf(faces);
    folders = Set.copyOf(folders);
  }

  /** Looks. A directory that cannot be listed looks like the reason. */
  static Listing of(Path directory) {
    List<String> faces = new ArrayList<>();
    Set<Path> folders = new TreeSet<>();
    try {
      Path real = directory.toRealPath();
      folders.add(real);
      for (Path file : RuleFiles.in(directory)) {
        faces.add(file.getFileName() + " " + face(file, folders));
      }
      return new Listing(faces, folders);
    } catch (IOException e) {
      return new Listing(List.of(reason(e)), Set.of());
    }
  }

  private static String face(Path file, Set<Path> folders) {
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

  /** Why something cannot be read, for people; the path alone is what the JDK says of some. */
  static String reason(IOException e) {
    return e instanceof NoSuchFileException
        ? "it is not there"
        : e.getClass().getSimpleName() + ": " + e.getMessage();
  }
}
