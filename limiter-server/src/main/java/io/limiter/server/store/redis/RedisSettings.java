package io.limiter.server.store.redis;

import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.RedisURI;
import io.lettuce.core.StaticCredentialsProvider;
import io.limiter.server.store.endpoint.Credentials;
import io.limiter.server.store.endpoint.RedisEndpoint;
import io.limiter.server.store.redis.connect.ConnectionSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How Redis is reached and asked.
 *
 * @param uri where it is, and how to log in
 * @param ca a PEM file of the certificates to trust; empty for those that Java trusts
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
    RedisURI uri,
    Optional<Path> ca,
    Duration deadline,
    Duration longestDeadline,
    Duration silence,
    int batchSize,
    int batchesInFlight,
    int queueSize) {

  private static final Duration HANDSHAKE = Duration.ofSeconds(2);
  private static final RedisCredentials NOBODY = RedisCredentials.just(null, (char[]) null);

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

  /** Trusts the certificates that Java trusts; nobody waits longer than {@code deadline}. */
  RedisSettings(
      RedisURI uri,
      Duration deadline,
      Duration silence,
      int batchSize,
      int batchesInFlight,
      int queueSize) {
    this(uri, Optional.empty(), deadline, deadline, silence, batchSize, batchesInFlight, queueSize);
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
    RedisURI uri = RedisURI.create(endpoint.host(), endpoint.port());
    uri.setSsl(endpoint.tls());
    uri.setDatabase(endpoint.database());
    uri.setCredentialsProvider(new FromEndpoint(endpoint.credentials()));
    // Bounds the handshake of a host that accepts a connection and then says nothing.
    uri.setTimeout(HANDSHAKE);
    Duration most = longest.compareTo(deadline) < 0 ? deadline : longest;
    return new RedisSettings(
        uri, endpoint.ca(), deadline, most, Duration.ofMillis(500), 64, 2, 16_384);
  }

  /**
   * {@link #uri} with the user and password for a connection that is made now. May read files.
   *
   * @throws IOException when a file cannot be used; the message says which and why
   */
  RedisURI uriNow() throws IOException {
    if (!(uri.getCredentialsProvider() instanceof FromEndpoint ours)) {
      return uri;
    }
    RedisURI now = RedisURI.builder(uri).build();
    now.setCredentialsProvider(
        new StaticCredentialsProvider(
            ours.login
                .current()
                .map(login -> RedisCredentials.just(login.user().orElse(null), login.password()))
                .orElse(NOBODY)));
    return now;
  }

  /**
   * Carries how to log in. Lettuce would ask for it also to print the URI, and has no place for a
   * file that cannot be read.
   */
  private record FromEndpoint(Credentials login)
      implements RedisCredentialsProvider.ImmediateRedisCredentialsProvider {
    @Override
    public RedisCredentials resolveCredentialsNow() {
      return NOBODY;
    }
  }

  /** As the connection needs them. The store refuses first, and says that it is overload. */
  ConnectionSettings connection() {
    return new ConnectionSettings(
        this::uriNow, ca, address(), silence, batchesInFlight * batchSize + queueSize + 64);
  }

  /** Where Redis is, without user and password. */
  public String address() {
    String host = uri.getHost().indexOf(':') < 0 ? uri.getHost() : '[' + uri.getHost() + ']';
    return (uri.isSsl() ? "rediss://" : "redis://") + host + ':' + uri.getPort();
  }
}
