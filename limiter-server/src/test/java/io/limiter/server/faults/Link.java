package io.limiter.server.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A way through which TCP connections go, and on which they meet what networks and failovers do to
 * them. Safe to use from any thread.
 */
public final class Link implements AutoCloseable {
  /** What vanishes on the way, without a sign to either end. */
  public enum Loss {
    NOTHING,
    REPLIES,
    EVERYTHING
  }

  /**
   * How bytes travel.
   *
   * @param least each way takes at least so long
   * @param most and at most so long, at random
   * @param bytesPerSecond in each direction of each connection; 0 for as many as there are
   */
  record Weather(Duration least, Duration most, int bytesPerSecond, Loss loss) {
    static final Weather FAIR = new Weather(Duration.ZERO, Duration.ZERO, 0, Loss.NOTHING);
  }

  private final ServerSocket front;
  private final Set<Passage> passages = ConcurrentHashMap.newKeySet();
  private final AtomicInteger cut = new AtomicInteger();
  private volatile int port;
  private volatile Weather weather = Weather.FAIR;
  private volatile boolean cutsReplies;
  private volatile @Nullable ScriptClock clock;

  /** A link to a port of this host. */
  public Link(int port) {
    this.port = port;
    try {
      front = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Passage.daemon(
        () -> {
          while (true) {
            carry(front.accept());
          }
        });
  }

  /** Where to connect to. */
  public int port() {
    return front.getLocalPort();
  }

  /** From now on new connections lead to this port. Those that are open stay where they are. */
  public void lead(int port) {
    this.port = port;
  }

  /** From now on scripts that new connections send read another clock; null for that of Redis. */
  public void clock(@Nullable ScriptClock clock) {
    this.clock = clock;
  }

  /** From now on each way of each byte takes so long. */
  public void delay(Duration least, Duration most) {
    weather = new Weather(least, most, 0, Loss.NOTHING);
  }

  /** From now on no more bytes than so many pass in each direction of each connection. */
  public void throttle(int bytesPerSecond) {
    weather = new Weather(Duration.ZERO, Duration.ZERO, bytesPerSecond, Loss.NOTHING);
  }

  /**
   * From now on this is lost. A connection that lost bytes passes none any more, as with a firewall
   * that forgot it.
   */
  public void lose(Loss loss) {
    weather = new Weather(Duration.ZERO, Duration.ZERO, 0, loss);
  }

  /** From now on a connection is reset when the reply to a script is on its way. */
  public void cutReplies() {
    cutsReplies = true;
  }

  /** How many were, so far. */
  public int repliesCut() {
    return cut.get();
  }

  /** From now on everything passes as it comes. */
  public void heal() {
    weather = Weather.FAIR;
    cutsReplies = false;
  }

  /** Cuts all connections, as a peer without memory of them would. */
  public void reset() {
    List.copyOf(passages).forEach(Passage::cut);
  }

  Weather weather() {
    return weather;
  }

  boolean cutsReplies() {
    return cutsReplies;
  }

  void replyWasCut() {
    cut.incrementAndGet();
  }

  void over(Passage passage) {
    passages.remove(passage);
  }

  private void carry(Socket client) {
    try {
      client.setTcpNoDelay(true);
      Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
      server.setTcpNoDelay(true);
      Passage passage = new Passage(this, client, server, clock);
      passages.add(passage);
      passage.open();
    } catch (IOException nobodyListens) {
      Passage.cut(client);
    }
  }

  @Override
  public void close() {
    try {
      front.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    reset();
  }
}
