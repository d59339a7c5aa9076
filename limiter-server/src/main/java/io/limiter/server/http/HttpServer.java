package io.limiter.server.http;

import io.limiter.server.access.Askers;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.certificate.CertificateWatch;
import io.limiter.server.certificate.RefusedHandshakes;
import io.limiter.server.certificate.ServerTls;
import io.limiter.server.envoy.EnvoyApi;
import io.limiter.server.fair.Caller;
import io.limiter.server.gateway.GatewayApi;
import io.limiter.server.metrics.Metrics;
import io.limiter.server.rules.live.RulesState;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP port, of HTTP/1.1 and HTTP/2, with TLS or without: {@link Pages} for monitoring, {@link
 * ApiCalls}, and {@link GatewayCalls}.
 *
 * <p>Nothing blocks, and all that callers hold is bounded. So nobody who reaches the port can
 * exhaust the process, or keep a probe waiting. Safe to use from any thread.
 */
public final class HttpServer {
  private static final Logger log = LoggerFactory.getLogger(HttpServer.class);

  private static final int MOST_EVENT_LOOPS = 4;
  private static final int SAME_FOR_ALL = 1;
  private static final long MOST_LOOKS_MILLIS = 1_000;

  private final Vertx vertx;
  private final HttpBounds bounds;
  private final HttpConnections connections;
  private final Router router;
  private final InetAddress address;
  private final List<io.vertx.core.http.HttpServer> listening = new CopyOnWriteArrayList<>();
  private volatile int port;
  private @Nullable CertificateWatch watch;

  private HttpServer(
      InetAddress address,
      Optional<ServerTls> tls,
      Optional<? extends Askers> access,
      Map<String, Function<HttpServerRequest, Page>> pages,
      HttpBounds bounds) {
    this.address = address;
    this.bounds = bounds;
    connections = new HttpConnections(bounds, tls.map(RefusedHandshakes::new));
    router = new Router(pages, connections, new HttpCallers(access));
    vertx =
        Vertx.builder()
            .with(
                new VertxOptions()
                    .setEventLoopPoolSize(eventLoops())
                    .setWorkerPoolSize(eventLoops())
                    .setUseDaemonThread(true)
                    .setFileSystemOptions(
                        new FileSystemOptions()
                            .setFileCachingEnabled(false)
                            .setClassPathResolvingEnabled(false)))
            // Of a connection in clear nothing is awaited: it is open at once.
            .withTransport(
                AcceptListener.ofThisSystem(
                    tls.isPresent() ? connections.handshakes()::accepted : accepted -> {}))
            .build();
  }

  private static int eventLoops() {
    return Math.min(MOST_EVENT_LOOPS, Runtime.getRuntime().availableProcessors());
  }

  /**
   * Starts to listen. Calls are answered with 503 until {@link #serve}.
   *
   * @param address where; port 0 takes any free one
   * @param tls empty for a port in clear
   * @param access tells callers apart; empty if anybody may do anything
   * @param readiness asked on every {@code /readyz}; must not block
   * @param rules asked on every {@code /rules}; must not block
   * @throws IOException when the port cannot be had, or a file of TLS cannot be used; the message
   *     says which and what to do
   */
  public static HttpServer start(
      InetSocketAddress address,
      Optional<ServerTls> tls,
      Optional<? extends Askers> access,
      Metrics metrics,
      Supplier<Readiness> readiness,
      Supplier<RulesState> rules)
      throws IOException {
    return start(
        address, tls, access, HttpBounds.ofThisProcess(), new Pages(metrics, readiness, rules));
  }

  static HttpServer start(
      InetSocketAddress address,
      Optional<ServerTls> tls,
      Optional<? extends Askers> access,
      HttpBounds bounds,
      Pages pages)
      throws IOException {
    HttpServer http = new HttpServer(address.getAddress(), tls, access, pages.byPath(), bounds);
    boolean started = false;
    try {
      http.listen(address.getPort(), tls);
      started = true;
    } catch (CompletionException e) {
      Throwable cause = e.getCause();
      throw new IOException(
          "HTTP cannot listen on %s:%d: %s; stop what holds the port or choose another"
              .formatted(
                  address.getAddress().getHostAddress(),
                  address.getPort(),
                  cause == null ? e.getMessage() : reason(cause)),
          e);
    } finally {
      if (!started) {
        http.stop();
      }
    }
    return http;
  }

  /** The system's message, without the number of its error and the name of its call. */
  private static String reason(Throwable cause) {
    return String.valueOf(cause.getMessage()).replaceFirst("^bind.* error\\([-0-9]+\\): ", "");
  }

  private void listen(int wanted, Optional<ServerTls> tls) throws IOException {
    HttpServerOptions options = bounds.options();
    if (tls.isPresent()) {
      ServerTls files = tls.get();
      CertificateWatch changes =
          new CertificateWatch(
              files, loaded -> show(HttpTls.options(files, loaded)).toCompletionStage());
      watch = changes;
      ServerSSLOptions read = HttpTls.options(files, files.read());
      options
          .setSsl(true)
          .setUseAlpn(read.isUseAlpn())
          .setKeyCertOptions(read.getKeyCertOptions())
          .setTrustOptions(read.getTrustOptions())
          .setClientAuth(read.getClientAuth())
          .setEnabledSecureTransportProtocols(read.getEnabledSecureTransportProtocols());
      changes.start();
    }
    String host = address.getHostAddress();
    SocketAddress at =
        wanted == 0
            ? SocketAddress.sharedRandomPort(SAME_FOR_ALL, host)
            : SocketAddress.inetSocketAddress(wanted, host);
    await(
        vertx.deployVerticle(
            () -> new Listener(at, options), new DeploymentOptions().setInstances(eventLoops())));
  }

  /** Has connections to come be shown another certificate. */
  private Future<?> show(ServerSSLOptions changed) {
    return Future.join(listening.stream().map(one -> one.updateSSLOptions(changed)).toList());
  }

  /** Serves calls from now on. */
  public void serve(RateLimiterApi rateLimiter, EnvoyApi envoy, GatewayApi gateway) {
    router.serve(new ApiCalls(rateLimiter, envoy, gateway));
  }

  /** The port it listens on. */
  public int port() {
    return port;
  }

  /** Where this host reaches it. */
  public InetSocketAddress reachable() {
    return new InetSocketAddress(
        address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address, port);
  }

  /** Stops listening. Cuts off requests in flight. */
  public void stop() {
    stop(Duration.ZERO);
  }

  /**
   * Stops listening. What is under way is answered, and cut off after {@code grace}. Blocks until
   * all is over.
   */
  public void stop(Duration grace) {
    if (watch != null) {
      watch.close();
    }
    try {
      if (!grace.isZero()) {
        await(Future.join(listening.stream().map(one -> one.shutdown(grace)).toList()));
      }
      await(vertx.close());
    } catch (CompletionException e) {
      log.warn("The HTTP port did not close", e);
    }
  }

  private static void await(Future<?> future) {
    future.toCompletionStage().toCompletableFuture().join();
  }

  /**
   * What runs this thread's tasks, if a call that came by HTTP is being asked on it; null on any
   * other thread.
   */
  public static @Nullable Executor currentEventLoop() {
    HttpConnections.Asking current = HttpConnections.current();
    return current == null ? null : current.connection().eventLoop;
  }

  /** Who asks what is being asked on this thread; nobody in particular on any other. */
  public static Caller currentCaller() {
    HttpConnections.Asking current = HttpConnections.current();
    return current == null ? Caller.NOBODY : current;
  }

  /** The connections that have not said yet what they speak. */
  Handshakes handshakes() {
    return connections.handshakes();
  }

  /** One event loop's part of the port. */
  private final class Listener extends VerticleBase {
    private final SocketAddress at;
    private final HttpServerOptions options;

    Listener(SocketAddress at, HttpServerOptions options) {
      this.at = at;
      this.options = options;
    }

    @Override
    public Future<?> start() {
      EventLoop eventLoop = new EventLoop(context);
      vertx.setPeriodic(looksMillis(), due -> connections.endLate(eventLoop));
      return vertx
          .createHttpServer(options)
          .connectionHandler(connection -> connections.opened(connection, eventLoop))
          .requestHandler(router::handle)
          .exceptionHandler(broken -> log.debug("A connection to the HTTP port broke", broken))
          .listen(at)
          .onSuccess(
              server -> {
                listening.add(server);
                port = server.actualPort();
              });
    }

    /** Often enough that nothing lasts much longer than it may. */
    private long looksMillis() {
      long shortest = Math.min(bounds.requestTime().toMillis(), bounds.handshakeTime().toMillis());
      return Math.max(1, Math.min(MOST_LOOKS_MILLIS, shortest / 4));
    }
  }
}
