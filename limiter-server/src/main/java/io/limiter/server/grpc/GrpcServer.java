package io.limiter.server.grpc;

import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.util.internal.ThreadExecutorMap;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.envoy.service.RateLimitServiceGrpc;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.envoy.EnvoyApi;
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
  /** The longest wait for connections to close that were cut. */
  private static final Duration GOODBYE = Duration.ofMillis(250);

  private final Server server;
  private final HealthStatusManager health;
  private final RateLimiterService rateLimiter;
  private final LongLivedCalls longLived;
  private final AtomicBoolean stopping = new AtomicBoolean();

  private GrpcServer(
      Server server,
      HealthStatusManager health,
      RateLimiterService rateLimiter,
      LongLivedCalls longLived) {
    this.server = server;
    this.health = health;
    this.rateLimiter = rateLimiter;
    this.longLived = longLived;
  }

  /**
   * Starts to listen.
   *
   * @param address where; port 0 picks a free one
   * @throws IOException when it cannot listen there; the message says where, why and what to do
   */
  public static GrpcServer start(InetSocketAddress address, RateLimiterApi api, EnvoyApi envoy)
      throws IOException {
    if (address.isUnresolved()) {
      throw new IOException(
          "gRPC cannot listen on %s:%d: the name has no address; bind an address of this host"
              .formatted(address.getHostString(), address.getPort()));
    }
    RateLimiterService rateLimiter = new RateLimiterService(api);
    LongLivedCalls longLived = new LongLivedCalls();
    HealthStatusManager health = new HealthStatusManager();
    health.setStatus(RateLimiterGrpc.SERVICE_NAME, ServingStatus.SERVING);
    health.setStatus(RateLimitServiceGrpc.SERVICE_NAME, ServingStatus.SERVING);
    int most = api.limits().messageBytes();
    Server server =
        NettyServerBuilder.forAddress(address)
            // No method blocks. A thread pool would only add a hand-over to every call.
            .directExecutor()
            .maxInboundMessageSize(api.limits().readBytes())
            // Sidecars and meshes ping idle connections, some as often as every ten seconds; the
            // default would cut them off for more than one ping in five minutes.
            .permitKeepAliveTime(5, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            // Finds the clients that vanished without a word, whose streams would stay for ever.
            .keepAliveTime(60, TimeUnit.SECONDS)
            .keepAliveTimeout(20, TimeUnit.SECONDS)
            .addService(MalformedMessages.rejected(rateLimiter.bindService(), most))
            .addService(rejected(new EnvoyService(envoy), most))
            .addService(ServerInterceptors.intercept(health.getHealthService(), longLived))
            .addService(
                ServerInterceptors.intercept(ProtoReflectionServiceV1.newInstance(), longLived))
            .build();
    try {
      return new GrpcServer(server.start(), health, rateLimiter, longLived);
    } catch (IOException e) {
      throw new IOException(
          "gRPC cannot listen on %s:%d: %s; stop what listens there or use another port or address"
              .formatted(address.getHostString(), address.getPort(), cause(e)),
          e);
    }
  }

  private static ServerServiceDefinition rejected(EnvoyService envoy, int most) {
    return MalformedMessages.<RateLimitRequest, RateLimitResponse>rejected(
        envoy.bindService(),
        most,
        LenientRequests::new,
        (call, bytes) -> envoy.tooLarge(call, bytes, most));
  }

  /**
   * The event loop that the caller runs on; null on any other thread. Responses that complete on
   * the event loop of their connection are written with one flush.
   */
  public static @Nullable Executor currentEventLoop() {
    return ThreadExecutorMap.currentExecutor();
  }

  /** The port it listens on. */
  public int port() {
    return server.getPort();
  }

  /** {@link #shutdown(Duration, Duration)} without a drain. */
  public void shutdown(Duration grace) {
    shutdown(Duration.ZERO, grace);
  }

  /**
   * Stops without losing accepted calls. Health turns to NOT_SERVING at once, and for {@code drain}
   * all is served as before. Then no new connection is accepted and each client is told to go away.
   * Calls in flight are answered; streams and health watches end with UNAVAILABLE. What is still
   * open after {@code grace} is cut, and so is a client that does not confirm.
   *
   * <p>Blocks until all is over: at most {@code drain} and {@code grace} and a moment. Called
   * again, it ends the drain and waits no longer than its own {@code grace}.
   *
   * @param drain time for load balancers to see the health and send traffic elsewhere
   */
  void shutdown(Duration drain, Duration grace) {
    try {
      if (stopping.compareAndSet(false, true)) {
        health.enterTerminalState();
        TimeUnit.NANOSECONDS.sleep(drain.toNanos());
      }
      server.shutdown();
      rateLimiter.drain();
      longLived.end();
      // Calls are accepted until their client confirms the GOAWAY. So no open call now does not
      // mean that none comes: only a connection that closed by itself has lost nothing.
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

  /** The system's message, without the number of its error and the name of its call. */
  private static String cause(Throwable failure) {
    Throwable cause = failure.getCause();
    if (cause != null) {
      return cause(cause);
    }
    return String.valueOf(failure.getMessage()).replaceFirst("^bind.* error\\([-0-9]+\\): ", "");
  }
}
