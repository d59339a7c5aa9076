package io.limiter.server.http;

import com.sun.net.httpserver.HttpExchange;
import io.limiter.server.metrics.Metrics;
import io.limiter.server.rules.Quoted;
import io.limiter.server.rules.live.RulesState;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP port, for monitoring.
 *
 * <ul>
 *   <li>{@code GET /metrics}: Prometheus text, or OpenMetrics when the caller accepts it.
 *   <li>{@code GET /livez}: 200 while the process can answer. It ignores Redis: a restart would not
 *       bring Redis back.
 *   <li>{@code GET /readyz}: 200 when this instance should get traffic, else 503, with the reasons.
 *       An instance that cannot ask Redis is ready: each rule says what is answered then.
 *   <li>{@code GET /healthcheck}: as envoyproxy/ratelimit has it: 200 and {@code OK} from the start
 *       to the shutdown, also while Redis is away; then 500.
 *   <li>{@code GET /rules}: the rules in force, since when, from which files, and the problems of
 *       the files that are not, as JSON.
 * </ul>
 *
 * <p>Threads are bounded, and slow requests are cut off as soon as others need their threads, see
 * {@link Workers}. So nobody who reaches the port can exhaust the process, or keep a probe waiting.
 */
public final class HttpServer {
  private static final Logger log = LoggerFactory.getLogger(HttpServer.class);
  private static final int THREADS = 256;
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  static {
    // The JDK's server reads these once. Without a limit, a client that never finishes its request
    // holds a thread; without nodelay, an answer on a kept connection may wait 40 ms.
    setDefault("sun.net.httpserver.maxReqTime", "10");
    setDefault("sun.net.httpserver.maxRspTime", "30");
    setDefault("sun.net.httpserver.nodelay", "true");
  }

  private final com.sun.net.httpserver.HttpServer server;
  private final Workers workers = new Workers(THREADS);
  private final Map<String, Function<HttpExchange, Page>> routes = new TreeMap<>();

  private HttpServer(
      com.sun.net.httpserver.HttpServer server,
      Metrics metrics,
      Supplier<Readiness> readiness,
      Supplier<RulesState> rules) {
    this.server = server;
    routes.put("/livez", exchange -> Page.text(200, "alive\n"));
    routes.put("/readyz", exchange -> readiness(readiness.get()));
    routes.put("/healthcheck", exchange -> healthcheck(readiness.get()));
    routes.put("/metrics", exchange -> metrics(metrics, exchange));
    routes.put("/rules", exchange -> RulesPage.of(rules.get()));
  }

  /**
   * Starts to listen.
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
    HttpServer http = new HttpServer(bind(address), metrics, readiness, rules);
    http.server.setExecutor(http.workers);
    http.server.createContext("/", http::answer);
    http.server.start();
    return http;
  }

  private static com.sun.net.httpserver.HttpServer bind(InetSocketAddress address)
      throws IOException {
    try {
      return com.sun.net.httpserver.HttpServer.create(address, 0);
    } catch (BindException e) {
      throw new IOException(
          "HTTP cannot listen on %s:%d: %s; stop what holds the port or choose another"
              .formatted(address.getAddress().getHostAddress(), address.getPort(), e.getMessage()),
          e);
    }
  }

  /** The port it listens on. */
  public int port() {
    return server.getAddress().getPort();
  }

  /** Where this host reaches it. */
  public InetSocketAddress reachable() {
    InetAddress address = server.getAddress().getAddress();
    return address.isAnyLocalAddress()
        ? new InetSocketAddress(InetAddress.getLoopbackAddress(), port())
        : server.getAddress();
  }

  /** Stops listening. Cuts off requests in flight. */
  public void stop() {
    server.stop(0);
    workers.stop();
  }

  private void answer(HttpExchange exchange) {
    try (exchange) {
      Page page = page(exchange);
      byte[] body = page.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", page.contentType());
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
        exchange.sendResponseHeaders(page.status(), -1);
      } else {
        exchange.sendResponseHeaders(page.status(), body.length);
        exchange.getResponseBody().write(body);
      }
    } catch (IOException e) {
      log.debug("The caller of {} went away", Quoted.text(exchange.getRequestURI().toString()), e);
    }
  }

  private Page page(HttpExchange exchange) {
    String path = exchange.getRequestURI().getPath();
    Function<HttpExchange, Page> route = routes.get(path);
    if (route == null) {
      return Page.text(404, "no such page; there are " + String.join(", ", routes.keySet()) + "\n");
    }
    String method = exchange.getRequestMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      return Page.text(405, path + " takes GET and HEAD, not " + Quoted.line(method) + "\n");
    }
    try {
      return route.apply(exchange);
    } catch (RuntimeException e) {
      log.error("{} failed", path, e);
      return Page.text(500, path + " failed; the log says why\n");
    }
  }

  private static Page readiness(Readiness readiness) {
    return Page.text(readiness.ready() ? 200 : 503, readiness.text());
  }

  private static Page healthcheck(Readiness readiness) {
    return readiness.readyBut("redis") ? Page.text(200, "OK") : Page.text(500, readiness.text());
  }

  private static Page metrics(Metrics metrics, HttpExchange exchange) {
    String accept = exchange.getRequestHeaders().getFirst("Accept");
    String type =
        accept != null && accept.contains("application/openmetrics-text")
            ? OPEN_METRICS
            : PROMETHEUS;
    return new Page(200, type, metrics.scrape(type));
  }

  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
