package io.limiter.server.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Somebody else's API: it takes so many requests in each window of the clock, refuses others with
 * 429, and says so in its headers as GitHub does. Nobody can set its limit, nor ask for it.
 */
final class HiddenLimit implements AutoCloseable {
  private final int limit;
  private final int windowSeconds;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(32);

  /** By the number of the window. */
  @GuardedBy("this")
  private final TreeMap<Long, Count> windows = new TreeMap<>();

  /** What came in one window. */
  record Count(int taken, int refused) {}

  HiddenLimit(int limit, int windowSeconds) throws IOException {
    this.limit = limit;
    this.windowSeconds = windowSeconds;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1_000);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
  }

  /** Every window in which something came, oldest first. */
  synchronized Map<Long, Count> windows() {
    return new TreeMap<>(windows);
  }

  private void answer(HttpExchange exchange) throws IOException {
    long now = System.currentTimeMillis();
    long window = now / (1_000L * windowSeconds);
    Count count = counted(window);
    long end = (window + 1) * windowSeconds;
    var headers = exchange.getResponseHeaders();
    headers.add("X-RateLimit-Limit", Integer.toString(limit));
    headers.add("X-RateLimit-Remaining", Integer.toString(limit - count.taken));
    headers.add("X-RateLimit-Reset", Long.toString(end));
    boolean refused = count.refused > 0;
    if (refused) {
      headers.add("Retry-After", Long.toString(end - now / 1_000));
    }
    exchange.sendResponseHeaders(refused ? 429 : 200, -1);
    exchange.close();
  }

  private synchronized Count counted(long window) {
    return windows.merge(
        window,
        new Count(1, 0),
        (before, one) ->
            before.taken < limit
                ? new Count(before.taken + 1, 0)
                : new Count(limit, before.refused + 1));
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
