package io.limiter.server.store.redis;

import io.limiter.server.store.endpoint.RedisEndpoint;
import io.limiter.server.store.redis.connect.ConnectionSettings;
import java.time.Duration;

/**
 * How Redis is reached and asked.
 *
 * @param endpoint where it is, and how to get in
 * @param deadline how long a question may take from when it is asked, waiting included, if its
 *     caller does not say; 1 ms or more
 * @param longestDeadline how long any may take, whatever its caller says; {@code deadline} or more
 * @param silence how long a command may go unanswered before the connection is given up; 1 ms or
 *     more
 * @param batchSize the most questions sent in one call of the script, 1 or more
 * @param batchesInFlight the most calls under way at once, 1 or more; beside one, only a full batch
 *     leaves
 * @param queueSize the most counters that the questions of one caller ask which wait to be sent
 *     (all callers together may have twice as many), and the most refunds, resets and draws that
 *     wait for their answer; more are refused as overload
 */
public record RedisSettings(
    RedisEndpoint endpoint,
    Duration deadline,
    Duration longestDeadline,
    Duration silence,
    int batchSize,
    int batchesInFlight,
    int queueSize) {

  public RedisSettings {
    if (deadline.toMillis() < 1 || silence.toMillis() < 1) {
      throw new IllegalArgumentException("deadline and silence must be at least 1ms");
    }
    if (longestDeadline.compareTo(deadline) < 0) {
      throw new IllegalArgumentException("longestDeadline must be at least deadline");
    }
    if (batchSize < 1 || batchesInFlight < 1 || queueSize < 1) {
      throw new IllegalArgumentException("batch and queue sizes must be at least 1");
    }
  }

  /** Nobody waits longer than {@code deadline}. */
  RedisSettings(
      RedisEndpoint endpoint,
      Duration deadline,
      Duration silence,
      int batchSize,
      int batchesInFlight,
      int queueSize) {
    this(endpoint, deadline, deadline, silence, batchSize, batchesInFlight, queueSize);
  }

  /**
   * The settings that fit nearly everybody.
   *
   * @throws IllegalArgumentException when the URI cannot be understood
   */
  public static RedisSettings of(String uri, Duration deadline) {
    return of(RedisEndpoint.parse(uri), deadline);
  }

  /** The same; nobody waits longer than {@code deadline}. */
  public static RedisSettings of(RedisEndpoint endpoint, Duration deadline) {
    return of(endpoint, deadline, deadline);
  }

  /**
   * The settings that fit nearly everybody.
   *
   * @param deadline see {@link #deadline}
   * @param longest see {@link #longestDeadline}; {@code deadline} counts if that is longer
   */
  public static RedisSettings of(RedisEndpoint endpoint, Duration deadline, Duration longest) {
    Duration most = longest.compareTo(deadline) < 0 ? deadline : longest;
    return new RedisSettings(endpoint, deadline, most, Duration.ofMillis(500), 64, 2, 16_384);
  }

  /** As the connection needs them. The store refuses first, and says that it is overload. */
  ConnectionSettings connection() {
    return new ConnectionSettings(endpoint, silence, batchesInFlight * batchSize + queueSize + 64);
  }

  /** The same for another Redis. */
  RedisSettings at(RedisEndpoint other) {
    return new RedisSettings(
        other, deadline, longestDeadline, silence, batchSize, batchesInFlight, queueSize);
  }

  /** Where Redis is, without user and password. */
  public String address() {
    return endpoint.address();
  }
}
