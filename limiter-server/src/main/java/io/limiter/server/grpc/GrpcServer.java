package io.limiter.server.grpc;

import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.util.internal.ThreadExecutorMap;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.limiter.envoy.service.RateLimitServiceGrpc;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.decide.Limiter;
import io.limiter.server.envoy.EnvoyService;
import io.limiter.server.envoy.EnvoySettings;
import io.limiter.v1.RateLimiterGrpc;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The gRPC port: the rate limiter, health and reflection. Safe to use from any thread. */
public final class GrpcServer {
  /** How long connections that are cut have to close. */
  private static final Duration GOODBYE = Duration.ofMillis(250);

  private final Server server;
  private final HealthStatusManager health;
  private final RateLimiterService rateLimiter;
  private final EndlessCalls endless;
  private final AtomicBoolean stopping = new AtomicBoolean();

  private GrpcServer(
      Server server,
      HealthStatusManager health,
      RateLimiterService rateLimiter,
      EndlessCalls endless) {
    this.server = server;
    this.health = health;
    this.rateLimiter = rateLimiter;
    this.endless = endless;
  }

  /**
   * Starts to listen.
   *
   * @param address where; port 0 picks a free one
   * @throws IOException when it cannot listen there; the message says where, why and what to do
   */
  public static GrpcServer start(
      InetSocketAddress address, Limiter limiter, RequestLimits limits, EnvoySettings envoy)
      throws IOException {
    if (address.isUnresolved()) {
      throw new IOException(
          "gRPC cannot listen on %s:%d: the name has no address; bind an address of this host"
              .formatted(address.getHostString(), address.getPort()));
    }
    RateLimiterService rateLimiter = new RateLimiterService(limiter, limits);
    EndlessCalls endless = new EndlessCalls();
    HealthStatusManager health = new HealthStatusManager();
    health.setStatus(RateLimiterGrpc.SERVICE_NAME, ServingStatus.SERVING);
    health.setStatus(RateLimitServiceGrpc.SERVICE_NAME, ServingStatus.SERVING);
    Server server =
        NettyServerBuilder.forAddress(address)
            // No method blocks: each parses, asks and returns. A thread pool would only add a
            // hand-over to every call.
            .directExecutor()
            .maxInboundMessageSize(limits.messageBytes())
            // Sidecars and meshes ping idle connections, some as often as every ten seconds; the
            // default would cut them off for more than one ping in five minutes.
            .permitKeepAliveTime(5, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            // Finds the clients that vanished without a word, whose streams would stay for ever.
            .keepAliveTime(60, TimeUnit.SECONDS)
            .keepAliveTimeout(20, TimeUnit.SECONDS)
            .addService(UnreadableMessages.answered(rateLimiter.bindService()))
            .addService(UnreadableMessages.answered(new EnvoyService(limiter, envoy).bindService()))
            .addService(ServerInterceptors.intercept(health.getHealthService(), endless))
            .addService(
                ServerInterceptors.intercept(ProtoReflectionServiceV1.newInstance(), endless))
            .build();
    try {
      return new GrpcServer(server.start(), health, rateLimiter, endless);
    } catch (IOException e) {
      throw new IOException(
          "gRPC cannot listen on %s:%d: %s; stop what listens there or use another port or address"
              .formatted(address.getHostString(), address.getPort(), cause(e)),
          e);
    }
  }

  /**
   * Where the calling thread has its answers told best: on itself, if it serves connections, so
   * that those of a batch are written with one flush. Null for other threads.
   */
  public static @Nullable Executor callersThread() {
    return ThreadExecutorMap.currentExecutor();
  }

  /** The port it listens on. */
  public int port() {
    return server.getPort();
  }

  /** {@link #shutdown(Duration, Duration)} for callers that need no time to look elsewhere. */
  public void shutdown(Duration grace) {
    shutdown(Duration.ZERO, grace);
  }

  /**
   * Stops without losing what was accepted. Health turns to NOT_SERVING at once. After {@code
   * drain} no new connection is taken, and no new question from a client that has heard of it,
   * while those taken are answered; a stream then ends with UNAVAILABLE, and so does a health
   * watch. What is still open after {@code grace} is cut, and so is a client that does not say that
   * it heard.
   *
   * <p>Blocks until all is over: at most {@code drain} and {@code grace} and a moment. Called
   * again, it ends the drain and waits no longer than its own {@code grace}.
   *
   * @param drain how long to go on serving, so that load balancers see the health and look
   *     elsewhere
   */
  public void shutdown(Duration drain, Duration grace) {
    try {
      if (stopping.compareAndSet(false, true)) {
        health.enterTerminalState();
        TimeUnit.NANOSECONDS.sleep(drain.toNanos());
      }
      server.shutdown();
      rateLimiter.finish();
      endless.end();
      // A question is taken until its connection has heard of the end, so that no open call now
      // does not mean that none comes: only a connection that closed by itself has lost nothing.
      if (server.awaitTermination(grace.toNanos(), TimeUnit.NANOSECONDS)) {
        return;
      }
      server.shutdownNow();
      server.awaitTermination(GOODBYE.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  /** What the system said, without the number of its error and the name of its call. */
  private static String cause(Throwable failure) {
    Throwable cause = failure.getCause();
    if (cause != null) {
      return cause(cause);
    }
    return String.valueOf(failure.getMessage()).replaceFirst("^bind.* error\\([-0-9]+\\): ", "");
  }
}
