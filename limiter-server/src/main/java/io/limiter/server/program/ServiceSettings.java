package io.limiter.server.program;

import io.limiter.server.access.file.AccessFiles;
import io.limiter.server.api.CallerBounds;
import io.limiter.server.audit.AuditTarget;
import io.limiter.server.certificate.ServerTls;
import io.limiter.server.decide.UnknownDomain;
import io.limiter.server.envoy.EnvoySettings;
import io.limiter.server.grpc.GrpcConnections;
import io.limiter.server.grpc.UnixSocket;
import io.limiter.server.store.endpoint.RedisEndpoint;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a service runs.
 *
 * @param envoy what responses to Envoy carry
 * @param rulesPoll how often to look for changed rules; more than 0
 * @param warmUp how long the service may warm up before its gRPC port opens; 0 or more
 * @param bounds what callers may ask of it
 * @param access which callers may ask what, and the secrets of values; empty if anybody may do
 *     anything, and values are hashed without a secret
 * @param audit where it is written who changed what; empty for nowhere
 */
public record ServiceSettings(
    Listen listen,
    Counting counting,
    EnvoySettings envoy,
    Duration rulesPoll,
    Duration warmUp,
    Shutdown shutdown,
    CallerBounds bounds,
    Optional<AccessFiles> access,
    Optional<AuditTarget> audit) {
  /** Three times what two fast processors need. */
  public static final Duration WARM_UP = Duration.ofSeconds(30);

  public ServiceSettings {
    if (warmUp.isNegative()) {
      throw new IllegalArgumentException(
          "warmUp %s must not be negative; use 0s for none".formatted(warmUp));
    }
    if (rulesPoll.isNegative() || rulesPoll.isZero()) {
      throw new IllegalArgumentException(
          "rulesPoll %s is not positive; poll every 100ms or less often".formatted(rulesPoll));
    }
  }

  /** Without an audit log. */
  public ServiceSettings(
      Listen listen,
      Counting counting,
      EnvoySettings envoy,
      Duration rulesPoll,
      Duration warmUp,
      Shutdown shutdown,
      CallerBounds bounds,
      Optional<AccessFiles> access) {
    this(listen, counting, envoy, rulesPoll, warmUp, shutdown, bounds, access, Optional.empty());
  }

  /**
   * Where to listen.
   *
   * @param grpcPort 0 to 65535; 0 for any free one
   * @param httpPort likewise
   * @param httpTls of the HTTP port; empty for one in clear
   * @param grpcTls of the gRPC port; empty for one in clear, and for a Unix socket
   * @param grpcSocket in the place of {@code grpcPort}
   */
  public record Listen(
      InetAddress address,
      int grpcPort,
      int httpPort,
      Optional<ServerTls> httpTls,
      Optional<ServerTls> grpcTls,
      Optional<UnixSocket> grpcSocket,
      GrpcConnections connections) {

    /** On free ports. */
    static Listen onFreePorts(InetAddress address) {
      return new Listen(
          address,
          0,
          0,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          GrpcConnections.DEFAULTS);
    }

    /**
     * The ports that other hosts reach without TLS: for each what that means and what to do, for
     * people.
     */
    public List<String> inClear() {
      List<String> told = new ArrayList<>();
      if (!address.isLoopbackAddress()) {
        if (grpcSocket.isEmpty() && grpcTls.isEmpty()) {
          told.add(inClear("gRPC", grpcPort));
        }
        if (httpTls.isEmpty()) {
          told.add(inClear("HTTP", httpPort));
        }
      }
      return told;
    }

    private String inClear(String port, int number) {
      return ("%s listens on %s:%d without TLS, so whoever is on the way can read and change what is"
              + " asked; set %s, or bind the loopback address with --bind 127.0.0.1")
          .formatted(
              port,
              address.getHostAddress(),
              number,
              port.equals("gRPC")
                  ? "--grpc-tls-cert and --grpc-tls-key"
                  : "--http-tls-cert and --http-tls-key");
    }

    InetSocketAddress grpc() {
      return new InetSocketAddress(address, grpcPort);
    }

    InetSocketAddress http() {
      return new InetSocketAddress(address, httpPort);
    }
  }

  /**
   * How to end.
   *
   * @param delay how long health says that no more should come, while all is served as before; 0 or
   *     more
   * @param grace the longest wait for calls in flight after that; 0 or more
   */
  public record Shutdown(Duration delay, Duration grace) {
    public Shutdown {
      if (delay.isNegative() || grace.isNegative()) {
        throw new IllegalArgumentException(
            "delay %s and grace %s must not be negative; use 0s for none".formatted(delay, grace));
      }
    }

    /** How long both take at most. */
    public Duration longest() {
      return delay.plus(grace);
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
