package io.limiter.server.store.redis;

import io.lettuce.core.RedisURI;
import io.limiter.server.store.redis.connect.ConnectionSettings;
import java.time.Duration;

/**
 * How Redis is reached and asked.
 *
 * @param uri where it is, such as {@code redis://user:password@host:6379/0} or {@code rediss://...}
 * @param deadline how long a question may take from when it is asked, waiting included; 1 ms or
 *     more
 * @param silence how long a command may go unanswered before the connection is given up; 1 ms or
 *     more
 * @param batchSize the most questions sent in one call of the script, 1 or more
 * @param batchesInFlight the most calls under way at once, 1 or more; beside one, only a full batch
 *     leaves
 * @param queueSize the most questions that wait to be sent, and the most refunds, resets and draws
 *     that wait for their answer; more are refused as overload
 */
public record RedisSettings(
    RedisURI uri,
    Duration deadline,
    Duration silence,
    int batchSize,
    int batchesInFlight,
    int queueSize) {

  private static final Duration HANDSHAKE = Duration.ofSeconds(2);

  public RedisSettings {
    if (deadline.toMillis() < 1 || silence.toMillis() < 1) {
      throw new IllegalArgumentException("deadline and silence must be at least 1ms");
    }
    if (batchSize < 1 || batchesInFlight < 1 || queueSize < 1) {
      throw new IllegalArgumentException("batch and queue sizes must be at least 1");
    }
  }

  /**
   * The settings that fit nearly everybody.
   *
   * @throws IllegalArgumentException when the URI cannot be understood
   */
  public static RedisSettings of(String uri, Duration deadline) {
    RedisURI parsed = RedisURI.create(uri);
    // Bounds the handshake of a host that accepts a connection and then says nothing.
    parsed.setTimeout(HANDSHAKE);
    return new RedisSettings(parsed, deadline, Duration.ofMillis(500), 64, 2, 16_384);
  }

  /** As the connection needs them. The store refuses first, and says that it is overload. */
  ConnectionSettings connection() {
    return new ConnectionSettings(
        uri, address(), silence, batchesInFlight * batchSize + queueSize + 64);
  }

  /** Where Redis is, without user and password. */
  public String address() {
    return (uri.isSsl() ? "rediss://" : "redis://") + uri.getHost() + ':' + uri.getPort();
  }
}
