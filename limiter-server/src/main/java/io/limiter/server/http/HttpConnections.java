package io.limiter.server.http;

import io.limiter.server.access.Asker;
import io.limiter.server.certificate.RefusedHandshakes;
import io.limiter.server.certificate.ServerTls;
import io.limiter.server.fair.Caller;
import io.limiter.server.fair.FairShare;
import io.vertx.core.http.HttpConnection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSession;
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
  private static final ThreadLocal<@Nullable Asking> CURRENT = new ThreadLocal<>();

  /** Of callers of gRPC they are told by the sign. */
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private final HttpBounds bounds;
  private final Handshakes handshakes;
  private final FairShare bytes;
  private final FairShare requests;
  private final Map<HttpConnection, Open> open = new ConcurrentHashMap<>();

  /**
   * No connections yet.
   *
   * @param refused is told of handshakes that failed
   */
  HttpConnections(HttpBounds bounds, Optional<RefusedHandshakes> refused) {
    this.bounds = bounds;
    handshakes = new Handshakes(bounds.handshakes(), bounds.handshakeTime(), refused);
    requests = new FairShare(bounds.requests());
    bytes = new FairShare(bounds.bytes());
  }

  /** Those that are not open yet. */
  Handshakes handshakes() {
    return handshakes;
  }

  /** The connection of which a request is being asked on this thread; null on any other. */
  static @Nullable Asking current() {
    return CURRENT.get();
  }

  /**
   * Who asks on a connection.
   *
   * @param number of the connection, or of the caller if it has a name
   */
  record Asking(Open connection, int number) implements Caller {
    @Override
    public boolean isGone() {
      return connection.isGone();
    }

    @Override
    public boolean isBulk() {
      return false;
    }
  }

  /**
   * One more is open: it has said what it speaks.
   *
   * @param eventLoop of the connection
   */
  void opened(HttpConnection connection, EventLoop eventLoop) {
    Open newest = new Open(connection, eventLoop);
    handshakes.ended(connection.remoteAddress());
    open.put(connection, newest);
    SSLSession session = connection.sslSession();
    if (session != null) {
      ServerTls.end(session);
    }
    connection.closeHandler(closed -> newest.closed());
    while (open.size() > bounds.connections()) {
      mostSilentBut(newest).orElse(newest).cut();
    }
  }

  /** Of those that wait for no answer. */
  private Optional<Open> mostSilentBut(Open newest) {
    long now = System.nanoTime();
    return open.values().stream()
        .filter(one -> one != newest && one.waiting == 0)
        .max(Comparator.comparingLong(one -> now - one.lastNanos));
  }

  /** What is known of an open one; null for one that has ended. */
  @Nullable Open of(HttpConnection connection) {
    return open.get(connection);
  }

  /**
   * Ends what has taken too long.
   *
   * @param eventLoop of the connections that are looked at; the one that this runs on
   */
  void endLate(EventLoop eventLoop) {
    handshakes.cutLate();
    long before = System.nanoTime() - bounds.requestTime().toNanos();
    for (Open one : open.values()) {
      if (one.eventLoop == eventLoop) {
        one.endBegunBefore(before);
      }
    }
  }

  /** An open connection. */
  final class Open {
    final FairShare.Holder bytes = HttpConnections.this.bytes.holder();
    final FairShare.Holder requests = HttpConnections.this.requests.holder();
    final EventLoop eventLoop;
    private final HttpConnection connection;
    private final int number = -1 - (NUMBERS.getAndIncrement() & Integer.MAX_VALUE);
    private volatile boolean gone;

    /** Gives back what its first caller with a name was counted; null if there was none yet. */
    private @Nullable Runnable disconnect;

    /** Its requests that are not over, the oldest first, and what is to be run when they are. */
    private final Map<Exchange, @Nullable Runnable> exchanges = new LinkedHashMap<>();

    /**
     * How many of its requests wait for an answer that is on its way. One that is still sent does
     * not. Written by its event loop alone.
     */
    private volatile int waiting;

    private volatile long lastNanos = System.nanoTime();

    private Open(HttpConnection connection, EventLoop eventLoop) {
      this.connection = connection;
      this.eventLoop = eventLoop;
    }

    /** A request of it has begun. */
    void begins(Exchange exchange) {
      exchanges.put(exchange, null);
    }

    /** A request of it is over. */
    void ends(Exchange exchange) {
      Runnable over = exchanges.remove(exchange);
      requests.giveBack(1);
      if (over != null) {
        over.run();
      }
    }

    /** A request of it has been read wholly, and is being asked. */
    void asks() {
      setWaiting(waiting + 1);
    }

    /** A request of it that was being asked no longer waits. */
    void waitsNoLonger() {
      setWaiting(waiting - 1);
    }

    private void setWaiting(int now) {
      waiting = now;
    }

    /** It was answered. */
    void answered() {
      lastNanos = System.nanoTime();
    }

    private void endBegunBefore(long nanos) {
      List<Exchange> late = new ArrayList<>();
      for (Exchange one : exchanges.keySet()) {
        if (one.startNanos() - nanos > 0) {
          break;
        }
        late.add(one);
      }
      late.forEach(Exchange::endLate);
    }

    private void cut() {
      open.remove(connection);
      var unused = connection.close();
    }

    private void closed() {
      gone = true;
      open.remove(connection);
      if (disconnect != null) {
        disconnect.run();
      }
    }

    /**
     * Its first caller with a name is counted as having it, and the request as under way for
     * whoever asks. To be called on its event loop.
     *
     * @throws io.limiter.server.access.AccessException if the caller has as many as it may
     */
    void isOf(Asker who, Exchange exchange) {
      if (disconnect == null && !gone) {
        disconnect = who.connect();
      }
      // One that was given up meanwhile is not here any more.
      if (exchanges.containsKey(exchange)) {
        exchanges.put(exchange, who.begin());
      }
    }

    /** The number of whoever asks on it: its own, if that is nobody with a name. */
    int number(Asker who) {
      int named = who.number();
      return named == 0 ? number : named;
    }

    /** Asks something as a caller on this connection. */
    void ask(Asker who, Runnable task) {
      CURRENT.set(new Asking(this, number(who)));
      try {
        task.run();
      } finally {
        CURRENT.remove();
      }
    }

    /** Whether it has ended. */
    boolean isGone() {
      return gone;
    }
  }
}
