package io.limiter.server.store.redis.connect;

import io.lettuce.core.RedisURI;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How one Redis is reached.
 *
 * @param uri where it is, and how to log in
 * @param ca a PEM file of the certificates to trust; empty for those that Java trusts
 * @param address where it is, for a person to read, without user and password
 * @param silence how long a command may go unanswered before the connection is given up; 1 ms or
 *     more
 * @param mostCommands the most that are ever under way; 1 or more
 */
public record ConnectionSettings(
    Uri uri, Optional<Path> ca, String address, Duration silence, int mostCommands) {

  /** Asked anew for each connection: a password may come from a file, and change. */
  @FunctionalInterface
  public interface Uri {
    /**
     * The URI for a connection that is made now. May read files.
     *
     * @throws IOException when a file cannot be used; the message says which and why
     */
    RedisURI now() throws IOException;
  }
}
