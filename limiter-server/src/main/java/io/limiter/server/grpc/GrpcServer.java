package io.limiter.server.grpc;

import io.grpc.Context;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.util.internal.ThreadExecutorMap;
import io.grpc.protobuf.services.HealthStatusManager;
import io.limiter.envoy.service.RateLimitServiceGrpc;
import io.limiter.server.access.Askers;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.certificate.ServerTls;
import io.limiter.server.envoy.EnvoyApi;
import io.limiter.server.fair.Caller;
import io.limiter.server.grpc.caller.Callers;
import io.limiter.server.grpc.peer.GrpcTls;
import io.limiter.v1.RateLimiterGrpc;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The gRPC port: the rate limiter, health and reflection. Safe to use from any thread. */
public final class GrpcServer {
  /** The longest wait for connections to close that were cut. */
  private static final Duration GOODBYE = Duration.ofMillis(250);

  private static final String LIVENESS = "liveness";

  private static final List<String> READINESS =
      List.of(
          HealthStatusManager.SERVICE_NAME_ALL_SERVICES,
          RateLimiterGrpc.SERVICE_NAME,
          RateLimitServiceGrpc.SERVICE_NAME,
          // As envoyproxy/ratelimit names it, and so Envoy's examples.
          "ratelimit");

  private static final Optional<GrpcTls> NO_TLS = Optional.empty();

  private final Server server;
  private final HealthStatusManager health;
  private final RateLimiterService rateLimiter;
  private final LongLivedCalls longLived;
  private final Runnable end;
  private final AtomicBoolean stopping = new AtomicBoolean();

  private GrpcServer(
      Server server,
      HealthStatusManager health,
      RateLimiterService rateLimiter,
      LongLivedCalls longLived,
      Runnable end) {
    this.server = server;
    this.health = health;
    this.rateLimiter = rateLimiter;
    this.longLived = longLived;
    this.end = end;
  }

  /** The same with default bounds. */
  public static GrpcServer start(InetSocketAddress address, RateLimiterApi api, EnvoyApi envoy)
      throws IOException {
    return start(address, GrpcConnections.DEFAULTS, api, envoy);
  }

  /** The same in clear, where anybody may do anything. */
  public static GrpcServer start(
      InetSocketAddress address, GrpcConnections connections, RateLimiterApi api, EnvoyApi envoy)
      throws IOException {
    return start(address, connections, Optional.empty(), Optional.empty(), api, envoy);
  }

  /**
   * Starts to listen.
   *
   * @param address where; port 0 picks a free one
   * @param files of TLS; empty for a port in clear
   * @param access tells callers apart; empty if anybody may do anything
   * @throws IOException when it cannot listen there, or a file cannot be used; the message says
   *     which, why and what to do
   */
  public static GrpcServer start(
      InetSocketAddress address,
      GrpcConnections connections,
      Optional<ServerTls> files,
      Optional<? extends Askers> access,
      RateLimiterApi api,
      EnvoyApi envoy)
      throws IOException {
    if (address.isUnresolved()) {
      throw new IOException(
          "gRPC cannot listen on %s:%d: the name has no address; bind an address of this host"
              .formatted(address.getHostString(), address.getPort()));
    }
    Optional<GrpcTls> tls = files.isPresent() ? Optional.of(GrpcTls.of(files.get())) : NO_TLS;
    Runnable end = () -> tls.ifPresent(GrpcTls::close);
    try {
      return start(
          NettyServerBuilder.forAddress(address), connections, tls, access, api, envoy, end);
    } catch (IOException e) {
      end.run();
      throw new IOException(
          "gRPC cannot listen on %s:%d: %s; stop what listens there or use another port or address"
              .formatted(address.getHostString(), address.getPort(), cause(e)),
          e);
    }
  }

  /**
   * Starts to listen on a Unix socket. Its file is removed at the end.
   *
   * @param access tells callers apart; empty if anybody may do anything
   * @throws IOException when it cannot listen there; the message says where, why and what to do
   */
  public static GrpcServer start(
      UnixSocket socket,
      GrpcConnections connections,
      Optional<? extends Askers> access,
      RateLimiterApi api,
      EnvoyApi envoy)
      throws IOException {
    socket.clear();
    UnixTransport transport = UnixTransport.create();
    GrpcServer server;
    try {
      server =
          start(
              transport.carry(NettyServerBuilder.forAddress(UnixTransport.address(socket))),
              connections,
              NO_TLS,
              access,
              api,
              envoy,
              transport::close);
    } catch (IOException e) {
      transport.close();
      throw socket.unusable(cause(e));
    }
    try {
      socket.open();
      return server;
    } catch (IOException e) {
      server.shutdown(Duration.ZERO);
      throw e;
    }
  }

  private static GrpcServer start(
      NettyServerBuilder builder,
      GrpcConnections connections,
      Optional<GrpcTls> tls,
      Optional<? extends Askers> access,
      RateLimiterApi api,
      EnvoyApi envoy,
      Runnable end)
      throws IOException {
    Services services = new Services(access, api, envoy);
    RateLimiterService rateLimiter = services.rateLimiter();
    LongLivedCalls longLived = new LongLivedCalls();
    HealthStatusManager health = new HealthStatusManager();
    if (!connections.maxAge().isZero()) {
      builder.maxConnectionAge(connections.maxAge().toMillis(), TimeUnit.MILLISECONDS);
      builder.maxConnectionAgeGrace(connections.maxAgeGrace().toMillis(), TimeUnit.MILLISECONDS);
    }
    health.setStatus(LIVENESS, ServingStatus.SERVING);
    ready(health, ServingStatus.SERVING);
    int most = api.limits().messageBytes();
    Server server =
        new Connections(connections.bounds(), api, tls)
            .guard(builder)
            // No method blocks. A thread pool would only add a hand-over to every call.
            .directExecutor()
            .maxInboundMessageSize(api.limits().readBytes())
            // Sidecars and meshes ping idle connections, some as often as every ten seconds; the
            // default would cut them off for more than one ping in five minutes.
            .permitKeepAliveTime(5, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .keepAliveTime(connections.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
            .keepAliveTimeout(connections.keepAliveTimeout().toMillis(), TimeUnit.MILLISECONDS)
            .addService(services.ownProtocol())
            .addService(services.envoysProtocol())
            .addService(longLived.watch(health.getHealthService().bindService(), most))
            .addService(longLived.watch(Reflection.service(), most))
            .build();
    return new GrpcServer(server.start(), health, rateLimiter, longLived, end);
  }

  /**
   * What runs this thread's tasks, if it serves connections: its event loop, or what serves batches
   * for one of them; null on any other thread. Responses that complete on the event loop of their
   * connection are written with one flush.
   */
  public static @Nullable Executor currentEventLoop() {
    Executor eventLoop = ThreadExecutorMap.currentExecutor();
    if (eventLoop != null) {
      return eventLoop;
    }
    Connection current = Connection.current();
    return current == null ? null : current.bulk();
  }

  /** The port it listens on; -1 for a Unix socket. */
  public int port() {
    return server.getPort();
  }

  /**
   * Has health say whether to send calls here: the services, and the server as a whole. It says so
   * until this is called. The name {@code liveness} stays SERVING until the shutdown: a restart
   * would not bring Redis back.
   */
  public void ready(boolean ready) {
    ready(health, ready ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
  }

  private static void ready(HealthStatusManager health, ServingStatus status) {
    READINESS.forEach(name -> health.setStatus(name, status));
  }

  /**
   * The connection of which this thread has just read something, as the caller of the call at hand;
   * nobody in particular on any other thread.
   */
  public static Caller currentCaller() {
    Connection current = Connection.current();
    return current == null
        ? Caller.NOBODY
        : new CallOf(
            Callers.number(current.number()),
            Context.current(),
            ThreadExecutorMap.currentExecutor() == null);
  }

  /** Its caller is gone when the call is cancelled, or its deadline is over. */
  private record CallOf(int number, Context context, boolean isBulk) implements Caller {
    @Override
    public boolean isGone() {
      return context.isCancelled();
    }
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
  public void shutdown(Duration drain, Duration grace) {
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
    } finally {
      end.run();
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
