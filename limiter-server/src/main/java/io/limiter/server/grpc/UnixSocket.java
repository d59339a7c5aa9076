package io.limiter.server.grpc;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/**
 * A Unix socket to listen on.
 *
 * @param mode who may use it: whoever may write to it
 */
public record UnixSocket(Path path, Set<PosixFilePermission> mode) {
  /** What the system's address has room for. */
  private static final int MOST_BYTES = 107;

  public UnixSocket {
    path = path.toAbsolutePath().normalize();
    mode = Set.copyOf(mode);
  }

  /**
   * Makes room: removes the file of a service that ended without doing so itself.
   *
   * @throws IOException when something else is there, or a service that still listens; the message
   *     says what and what to do
   */
  void clear() throws IOException {
    if (path.toString().getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
      throw unusable("its path is longer than 107 bytes, which a socket's may not be; shorten it");
    }
    Path folder = path.getParent();
    if (folder == null || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw unusable("%s is no folder that this user may write to; make one".formatted(folder));
    }
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .isOther()) {
        throw unusable("a file is there that is no socket; remove it or name another path");
      }
      if (isListening()) {
        throw unusable("something listens there; stop it or name another path");
      }
      Files.deleteIfExists(path);
    }
  }

  private boolean isListening() {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(path));
    } catch (IOException nobody) {
      return false;
    }
  }

  /** Lets those use it who may. */
  void open() throws IOException {
    Files.setPosixFilePermissions(path, mode);
  }

  IOException unusable(String why) {
    return new IOException("--grpc-uds: gRPC cannot listen on %s: %s".formatted(path, why));
  }

  @Override
  public String toString() {
    return "unix:" + path;
  }
}
