package io.limiter.server.http;

import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.envoy.EnvoyApi;
import io.limiter.server.fair.Caller;
import io.limiter.server.gateway.GatewayApi;
import io.limiter.server.metrics.Metrics;
import io.limiter.server.rules.Quoted;
import io.limiter.server.rules.live.RulesState;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP port, HTTP/1.1 without TLS: {@link Pages} for monitoring, {@link ApiCalls}, and {@link
 * GatewayCalls}.
 *
 * <p>Nothing blocks, and all that callers hold is bounded. So nobody who reaches the port can
 * exhaust the process, or keep a probe waiting. Safe to use from any thread.
 */
public final class HttpServer {
  private static final Logger log = LoggerFactory.getLogger(HttpServer.class);

  private static final int CONNECTIONS = 1_024;
  private static final HttpServerOptions OPTIONS =
      new HttpServerOptions()
          .setTcpNoDelay(true)
          // A client that asks by HTTP/1.1 for HTTP/2, as the JDK's does, may wait for ever for a
          // body of more than one frame.
          .setHttp2ClearTextEnabled(false)
          .setIdleTimeout(60)
          .setIdleTimeoutUnit(TimeUnit.SECONDS);
  private static final int MOST_EVENT_LOOPS = 4;
  private static final int SAME_FOR_ALL = 1;

  private final Vertx vertx;
  private final HttpConnections connections;
  private final Map<String, Function<HttpServerRequest, Page>> pages;
  private final String paths;
  private final InetAddress address;
  private final List<io.vertx.core.http.HttpServer> listening = new CopyOnWriteArrayList<>();
  private volatile int port;
  private volatile @Nullable ApiCalls api;

  private HttpServer(
      InetAddress address, Map<String, Function<HttpServerRequest, Page>> pages, long heapBytes) {
    this.address = address;
    this.pages = pages;
    Set<String> all = new TreeSet<>(pages.keySet());
    all.addAll(ApiCalls.ROUTES.keySet());
    all.add(GatewayCalls.PATH);
    paths = String.join(", ", all);
    connections =
        new HttpConnections(
            CONNECTIONS, (int) Math.min(1 << 20, heapBytes >> 14), Math.max(2, heapBytes >> 5));
    vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(eventLoops())
                .setWorkerPoolSize(eventLoops())
                .setPreferNativeTransport(true)
                .setUseDaemonThread(true)
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setFileCachingEnabled(false)
                        .setClassPathResolvingEnabled(false)));
  }

  private static int eventLoops() {
    return Math.min(MOST_EVENT_LOOPS, Runtime.getRuntime().availableProcessors());
  }

  /**
   * Starts to listen. Calls are answered with 503 until {@link #serve}.
   *
   * @param address where; port 0 takes any free one
   * @param rules asked on every {@code /rules}; must not block
   * @param readiness asked on every {@code /readyz}; must not block
   * @throws IOException when the port cannot be had; the message says which and what to do
   */
  public static HttpServer start(
      InetSocketAddress address,
      Metrics metrics,
      Supplier<Readiness> readiness,
      Supplier<RulesState> rules)
      throws IOException {
    HttpServer http =
        new HttpServer(
            address.getAddress(),
            new Pages(metrics, readiness, rules).byPath(),
            Runtime.getRuntime().maxMemory());
    boolean started = false;
    try {
      http.listen(address.getPort());
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

  private void listen(int wanted) {
    String host = address.getHostAddress();
    SocketAddress at =
        wanted == 0
            ? SocketAddress.sharedRandomPort(SAME_FOR_ALL, host)
            : SocketAddress.inetSocketAddress(wanted, host);
    await(
        vertx.deployVerticle(
            () -> new Listener(at), new DeploymentOptions().setInstances(eventLoops())));
  }

  /** Serves calls from now on. */
  public void serve(RateLimiterApi rateLimiter, EnvoyApi envoy, GatewayApi gateway) {
    api = new ApiCalls(rateLimiter, envoy, gateway);
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
    HttpConnections.Open current = HttpConnections.current();
    return current == null ? null : current.eventLoop;
  }

  /** Who asks what is being asked on this thread; nobody in particular on any other. */
  public static Caller currentCaller() {
    HttpConnections.Open current = HttpConnections.current();
    return current == null ? Caller.NOBODY : current;
  }

  private void handle(HttpServerRequest request) {
    HttpConnections.Open caller = connections.of(request.connection());
    if (caller == null) {
      return;
    }
    boolean taken = caller.requests.take(1);
    if (!taken) {
      caller.requests.takeAnyway(1);
    }
    Exchange call = new Exchange(request, caller);
    if (taken) {
      call.guarded(() -> answer(call));
    } else {
      call.answer(
          Problem.of(503, "No decision", "too many requests are under way; ask again later"));
    }
  }

  private void answer(Exchange call) {
    String path = call.request().path();
    Function<HttpServerRequest, Page> page = path == null ? null : pages.get(path);
    ApiCalls.Route<?, ?> route = path == null ? null : ApiCalls.ROUTES.get(path);
    if (path != null && page != null) {
      answer(path, page, call);
    } else if (path != null && (route != null || path.startsWith(GatewayCalls.PREFIX))) {
      call(path, route, call);
    } else {
      call.answer(Page.text(404, "no such page; there are " + paths + "\n"));
    }
  }

  private static void answer(String path, Function<HttpServerRequest, Page> page, Exchange call) {
    HttpMethod method = call.request().method();
    if (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD)) {
      call.answer(page.apply(call.request()));
    } else {
      refuse(path, "GET, HEAD", "GET and HEAD", call);
    }
  }

  /** Without a route it is a gateway's, which comes by any method. */
  private void call(String path, ApiCalls.@Nullable Route<?, ?> route, Exchange call) {
    ApiCalls calls = api;
    if (route != null && !call.request().method().equals(HttpMethod.POST)) {
      refuse(path, "POST", "POST", call);
    } else if (calls == null) {
      call.answer(Problem.of(503, "No decision", "the service is starting; ask again in a moment"));
    } else if (route == null) {
      calls.gateways.answer(path, call);
    } else {
      calls.answer(path, route, call);
    }
  }

  private static void refuse(String path, String allow, String takes, Exchange call) {
    call.request().response().putHeader(HttpHeaders.ALLOW, allow);
    call.answer(
        Page.text(
            405,
            "%s takes %s, not %s\n"
                .formatted(path, takes, Quoted.line(call.request().method().name()))));
  }

  /** One event loop's part of the port. */
  private final class Listener extends VerticleBase {
    private final SocketAddress at;

    Listener(SocketAddress at) {
      this.at = at;
    }

    @Override
    public Future<?> start() {
      EventLoop eventLoop = new EventLoop(context);
      return vertx
          .createHttpServer(OPTIONS)
          .connectionHandler(connection -> connections.opened(connection, eventLoop))
          .requestHandler(HttpServer.this::handle)
          .exceptionHandler(broken -> log.debug("A connection to the HTTP port broke", broken))
          .listen(at)
          .onSuccess(
              server -> {
                listening.add(server);
                port = server.actualPort();
              });
    }
  }
}
