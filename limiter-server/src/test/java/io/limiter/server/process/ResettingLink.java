package io.limiter.server.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A way through which TCP connections go until they are reset, wherever their bytes are then. */
final class ResettingLink implements AutoCloseable {
  private final ServerSocket front;
  private volatile int port;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  /** A link to a port of this host. */
  ResettingLink(int port) {
    this.port = port;
    try {
      front = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    daemon(
        () -> {
          while (true) {
            carry(front.accept());
          }
        });
  }

  /** Where to connect to. */
  int port() {
    return front.getLocalPort();
  }

  /** From now on new connections lead to this port. Those that are open stay where they are. */
  void lead(int port) {
    this.port = port;
  }

  /** Cuts all connections, as a peer without memory of them would. */
  void reset() {
    List.copyOf(sockets).forEach(ResettingLink::cut);
  }

  private void carry(Socket client) {
    sockets.add(client);
    try {
      Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
      sockets.add(server);
      daemon(() -> pass(client, server));
      daemon(() -> pass(server, client));
    } catch (IOException nobodyListens) {
      sockets.remove(client);
      cut(client);
    }
  }

  private void pass(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException over) {
      // Both ends hear of it below.
    }
    sockets.remove(from);
    cut(from);
    cut(to);
  }

  private static void cut(Socket socket) {
    try {
      socket.setSoLinger(true, 0); // a reset, in the place of an orderly end
      socket.close();
    } catch (IOException closedAlready) {
      // That is what was wanted.
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void daemon(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException closed) {
                // The end of the thread.
              }
            },
            "resetting-link");
    thread.setDaemon(true);
    thread.start();
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
