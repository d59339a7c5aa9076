package io.limiter.server.grpc;

import java.time.Duration;

/**
 * How long the gRPC port keeps its connections, and how much it takes on from them.
 *
 * @param keepAlive the silence after which a client is pinged; 10 s or more
 * @param keepAliveTimeout the longest wait for the answer; then the connection is cut
 * @param maxAge the age, more or less a tenth, at which a client is told to connect anew, so that
 *     load balancers spread it afresh; 0 for never
 * @param maxAgeGrace how long the calls that are open then may last
 * @param bounds how much it takes on
 */
public record GrpcConnections(
    Duration keepAlive,
    Duration keepAliveTimeout,
    Duration maxAge,
    Duration maxAgeGrace,
    GrpcBounds bounds) {

  /** Pings find the clients that vanished without a word, whose streams would stay for ever. */
  public static final GrpcConnections DEFAULTS =
      new GrpcConnections(
          Duration.ofMinutes(1), Duration.ofSeconds(20), Duration.ofHours(24), Duration.ofHours(1));

  /** That takes on what fits the heap of this process. */
  public GrpcConnections(
      Duration keepAlive, Duration keepAliveTimeout, Duration maxAge, Duration maxAgeGrace) {
    this(keepAlive, keepAliveTimeout, maxAge, maxAgeGrace, GrpcBounds.ofThisProcess());
  }
}
