package io.limiter.server.http;

import io.limiter.server.fair.Caller;
import io.limiter.server.fair.FairShare;
import io.vertx.core.http.HttpConnection;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The connections of the HTTP port, and what they share. Safe to use from any thread.
 *
 * <p>When there are as many as may be and another comes, the one is cut whose last answer is the
 * longest ago, of those that wait for none. A probe takes a millisecond, and is never that one;
 * whoever sends a request byte by byte is, sooner or later. If all wait for answers, the new one is
 * not let in.
 */
final class HttpConnections {
  private static final ThreadLocal<@Nullable Open> CURRENT = new ThreadLocal<>();

  /** Of callers of gRPC they are told by the sign. */
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private final int most;
  private final FairShare bytes;
  private final FairShare requests;
  private final Map<HttpConnection, Open> open = new ConcurrentHashMap<>();

  /**
   * No connections yet.
   *
   * @param most how many may be open, 1 or more
   * @param requests how many may be under way in all, 2 or more
   * @param bytes of their bodies that may be here in all, 2 or more
   */
  HttpConnections(int most, int requests, long bytes) {
    this.most = most;
    this.requests = new FairShare(requests);
    this.bytes = new FairShare(bytes);
  }

  /** The connection of which a request is being asked on this thread; null on any other. */
  static @Nullable Open current() {
    return CURRENT.get();
  }

  /**
   * One more is open.
   *
   * @param eventLoop of the connection
   */
  void opened(HttpConnection connection, EventLoop eventLoop) {
    Open newest = new Open(connection, eventLoop);
    open.put(connection, newest);
    connection.closeHandler(closed -> newest.closed());
    while (open.size() > most) {
      mostSilentBut(newest).orElse(newest).cut();
    }
  }

  /** Of those that wait for no answer. */
  private Optional<Open> mostSilentBut(Open newest) {
    long now = System.nanoTime();
    return open.values().stream()
        .filter(one -> one != newest && !one.waits)
        .max(Comparator.comparingLong(one -> now - one.lastNanos));
  }

  /** What is known of an open one; null for one that has ended. */
  @Nullable Open of(HttpConnection connection) {
    return open.get(connection);
  }

  /** An open connection, as a caller of the questions that come on it. */
  final class Open implements Caller {
    final FairShare.Holder bytes = HttpConnections.this.bytes.holder();
    final FairShare.Holder requests = HttpConnections.this.requests.holder();
    final EventLoop eventLoop;
    private final HttpConnection connection;
    private final int number = -1 - (NUMBERS.getAndIncrement() & Integer.MAX_VALUE);
    private volatile boolean gone;

    /** Whether it waits for an answer that is on its way. One who still sends does not. */
    private volatile boolean waits;

    private volatile long lastNanos = System.nanoTime();

    private Open(HttpConnection connection, EventLoop eventLoop) {
      this.connection = connection;
      this.eventLoop = eventLoop;
    }

    /** A request of it has been read wholly, and is being asked. */
    void asks() {
      waits = true;
    }

    /** Or will not be. */
    void answered() {
      waits = false;
      lastNanos = System.nanoTime();
    }

    private void cut() {
      open.remove(connection);
      var unused = connection.close();
    }

    private void closed() {
      gone = true;
      open.remove(connection);
    }

    /** Asks something as this caller. */
    void ask(Runnable task) {
      CURRENT.set(this);
      try {
        task.run();
      } finally {
        CURRENT.remove();
      }
    }

    @Override
    public int number() {
      return number;
    }

    @Override
    public boolean isGone() {
      return gone;
    }

    @Override
    public boolean isBulk() {
      return false;
    }
  }
}
