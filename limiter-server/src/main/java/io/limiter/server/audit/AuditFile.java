package io.limiter.server.audit;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where lines go. A file is opened again once it was moved away or removed, as logrotate does. What
 * fails is logged once, until it works again. Not safe to share between threads.
 */
final class AuditFile implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AuditFile.class);
  private static final Set<OpenOption> APPEND =
      Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);

  /** Empty for standard output. */
  private final Optional<Path> path;

  private OutputStream out;

  /** Which file is open, as the system knows it; null if the system has no such thing. */
  private @Nullable Object key;

  private boolean writingFails;
  private boolean openingFails;

  /** Whether a part of a line may be the last that was written. */
  private boolean midLine;

  private AuditFile(Optional<Path> path) throws IOException {
    this.path = path;
    if (path.isEmpty()) {
      out = new FileOutputStream(FileDescriptor.out);
    } else {
      out = open(path.get());
      key = key(path.get());
    }
  }

  /**
   * Opens it, to add to what is there.
   *
   * @param path empty for standard output
   * @throws IOException when it cannot be written; the message says why and what to do
   */
  static AuditFile open(Optional<Path> path) throws IOException {
    try {
      return new AuditFile(path);
    } catch (IOException e) {
      throw new IOException(
          "--audit-log: %s cannot be written: %s; name a file that this user may write, or -"
              .formatted(path.map(Path::toString).orElse("-"), reason(e)),
          e);
    }
  }

  private static OutputStream open(Path path) throws IOException {
    FileAttribute<?>[] own =
        path.getFileSystem().supportedFileAttributeViews().contains("posix")
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----"))
            }
            : new FileAttribute<?>[0];
    SeekableByteChannel channel = Files.newByteChannel(path, APPEND, own);
    return Channels.newOutputStream(channel);
  }

  private static @Nullable Object key(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  private static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "its directory is not there";
    }
    return e instanceof AccessDeniedException
        ? "this user may not"
        : String.valueOf(e.getMessage());
  }

  /** Opens the file again if it is not the one in its place. */
  void look() {
    if (path.isEmpty() || isInPlace(path.get())) {
      return;
    }
    try {
      OutputStream next = open(path.get());
      closeQuietly();
      out = next;
      key = key(path.get());
      midLine = false;
      if (openingFails) {
        openingFails = false;
        log.info("The audit log {} can be opened again", path.get());
      }
    } catch (IOException e) {
      if (!openingFails) {
        openingFails = true;
        log.error(
            "The audit log {} was moved away and cannot be opened again: {}. Lines go on to where it was moved; let this user write it",
            path.get(),
            reason(e));
      }
    }
  }

  private boolean isInPlace(Path file) {
    try {
      return Objects.equals(key(file), key);
    } catch (IOException gone) {
      return false;
    }
  }

  /** Writes a line; whether that went well. */
  boolean write(byte[] line) {
    try {
      if (midLine) {
        out.write('\n');
      }
      midLine = true;
      out.write(line);
      midLine = false;
    } catch (IOException e) {
      if (!writingFails) {
        writingFails = true;
        log.error(
            "The audit log {} cannot be written: {}. Lines are left out and counted until it can; calls go on",
            name(),
            reason(e));
      }
      return false;
    }
    if (writingFails) {
      writingFails = false;
      log.info("The audit log {} can be written again", name());
    }
    return true;
  }

  private String name() {
    return path.map(Path::toString).orElse("on standard output");
  }

  private void closeQuietly() {
    try {
      out.close();
    } catch (IOException e) {
      log.debug("The audit log did not close cleanly", e);
    }
  }

  @Override
  public void close() {
    if (path.isPresent()) {
      closeQuietly();
    }
  }
}
