package io.limiter.server.program;

import io.limiter.server.api.CallerBounds;
import io.limiter.server.decide.UnknownDomain;
import io.limiter.server.envoy.EnvoySettings;
import io.limiter.server.grpc.GrpcConnections;
import io.limiter.server.grpc.UnixSocket;
import io.limiter.server.store.endpoint.RedisEndpoint;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * How a service runs.
 *
 * @param envoy what responses to Envoy carry
 * @param rulesPoll how often to look for changed rules; more than 0
 * @param shutdownGrace the longest wait for calls in flight at shutdown; 0 or more
 * @param bounds what callers may ask of it
 */
public record ServiceSettings(
    Listen listen,
    Counting counting,
    EnvoySettings envoy,
    Duration rulesPoll,
    Duration shutdownGrace,
    CallerBounds bounds) {

  public ServiceSettings {
    if (rulesPoll.isNegative() || rulesPoll.isZero() || shutdownGrace.isNegative()) {
      throw new IllegalArgumentException(
          "rulesPoll %s and shutdownGrace %s must not be negative, and rulesPoll not 0"
              .formatted(rulesPoll, shutdownGrace));
    }
  }

  /** With the bounds that are usual. */
  public ServiceSettings(
      Listen listen,
      Counting counting,
      EnvoySettings envoy,
      Duration rulesPoll,
      Duration shutdownGrace) {
    this(listen, counting, envoy, rulesPoll, shutdownGrace, CallerBounds.DEFAULTS);
  }

  /**
   * Where to listen.
   *
   * @param grpcPort 0 to 65535; 0 for any free one
   * @param httpPort likewise
   * @param grpcSocket in the place of {@code grpcPort}
   */
  public record Listen(
      InetAddress address,
      int grpcPort,
      int httpPort,
      Optional<UnixSocket> grpcSocket,
      GrpcConnections connections) {

    /** On free ports. */
    static Listen onFreePorts(InetAddress address) {
      return new Listen(address, 0, 0, Optional.empty(), GrpcConnections.DEFAULTS);
    }

    InetSocketAddress grpc() {
      return new InetSocketAddress(address, grpcPort);
    }

    InetSocketAddress http() {
      return new InetSocketAddress(address, httpPort);
    }
  }

  /**
   * Where and how to count.
   *
   * @param redis empty for an embedded one
   * @param deadline how long a question waits for Redis whose caller did not say; 1 ms or more
   * @param longestDeadline the longest that any waits; {@code deadline} counts if that is longer
   * @param denyCache how long a denial may be answered from the cache; 0 for no cache
   * @param unknown how questions about domains without rules are answered
   */
  public record Counting(
      Optional<RedisEndpoint> redis,
      Duration deadline,
      Duration longestDeadline,
      Duration denyCache,
      UnknownDomain unknown) {}
}
