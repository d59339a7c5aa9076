package io.limiter.server.http;

import io.limiter.server.certificate.RefusedHandshakes;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import io.vertx.core.net.SocketAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The connections that were accepted and have not said yet what they speak: their TLS handshake is
 * under way, or they sent no preface of HTTP/2 after it. {@link HttpConnections} knows the others.
 * Safe to use from any thread.
 *
 * <p>When there are as many as may be and another comes, one is cut of the address that has the
 * most of them: its oldest. So whoever opens connections and goes no further mostly cuts his own.
 * And each is cut that takes too long.
 */
final class Handshakes {
  private final int most;
  private final long nanos;
  private final Optional<RefusedHandshakes> refused;
  private final Map<Peer, Handshake> oldestFirst = new LinkedHashMap<>();
  private final Map<String, Integer> perHost = new HashMap<>();

  /** The other end of a connection; no two that are open have the same. */
  private record Peer(String host, int port) {}

  private record Handshake(Channel channel, long startNanos) {
    void cut() {
      var unused = channel.close();
    }
  }

  /**
   * None yet.
   *
   * @param most how many there may be, 1 or more
   * @param longest how long one may take
   * @param refused is told of those that failed
   */
  Handshakes(int most, Duration longest, Optional<RefusedHandshakes> refused) {
    this.most = most;
    this.refused = refused;
    this.nanos = longest.toNanos();
  }

  /** A connection was accepted. */
  void accepted(Channel channel) {
    if (!(channel.remoteAddress() instanceof InetSocketAddress address)) {
      return;
    }
    Peer peer = new Peer(address.getAddress().getHostAddress(), address.getPort());
    Handshake handshake = new Handshake(channel, System.nanoTime());
    List<Handshake> tooMany = new ArrayList<>();
    synchronized (this) {
      // Before the new one is among them: it has no event loop yet, so it could not be closed.
      while (oldestFirst.size() >= most) {
        tooMany.add(removeOldestOf(busiestHost()));
      }
      oldestFirst.put(peer, handshake);
      perHost.merge(peer.host, 1, Integer::sum);
    }
    var unused =
        channel
            .closeFuture()
            .addListener(
                closed -> {
                  remove(peer, handshake);
                  tellIfRefused(channel, address);
                });
    tooMany.forEach(Handshake::cut);
  }

  /** What has just closed still has the handlers that it had. */
  private void tellIfRefused(Channel channel, InetSocketAddress address) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    Throwable failure = tls == null ? null : tls.handshakeFuture().cause();
    if (failure != null) {
      refused.ifPresent(log -> log.failed(address, failure));
    }
  }

  private String busiestHost() {
    return Collections.max(perHost.entrySet(), Map.Entry.comparingByValue()).getKey();
  }

  private Handshake removeOldestOf(String host) {
    for (Map.Entry<Peer, Handshake> one : oldestFirst.entrySet()) {
      if (one.getKey().host.equals(host)) {
        oldestFirst.remove(one.getKey());
        forget(one.getKey());
        return one.getValue();
      }
    }
    throw new IllegalStateException(host + " is counted and has none");
  }

  private synchronized void remove(Peer peer, Handshake handshake) {
    if (oldestFirst.remove(peer, handshake)) {
      forget(peer);
    }
  }

  private void forget(Peer peer) {
    perHost.computeIfPresent(peer.host, (host, count) -> count == 1 ? null : count - 1);
  }

  /** A connection has said what it speaks. */
  synchronized void ended(SocketAddress address) {
    Peer peer = new Peer(address.hostAddress(), address.port());
    if (oldestFirst.remove(peer) != null) {
      forget(peer);
    }
  }

  /** Cuts those that have taken too long. */
  void cutLate() {
    long now = System.nanoTime();
    List<Handshake> late = new ArrayList<>();
    synchronized (this) {
      for (Handshake one : oldestFirst.values()) {
        if (now - one.startNanos < nanos) {
          break;
        }
        late.add(one);
      }
    }
    late.forEach(Handshake::cut);
  }

  /** How many there are. */
  synchronized int count() {
    return oldestFirst.size();
  }
}
