package io.limiter.server.store.redis.connect;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** Accepts every connection, answers the handshake as Redis does, and cuts the connection then. */
final class CutRedis implements AutoCloseable {
  static final String GARBAGE = "garbage";

  private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final String cutAt;
  private final boolean answered;
  private final AtomicInteger accepted = new AtomicInteger();

  /**
   * A Redis that cuts.
   *
   * @param cutAt the command at which it does, such as SET; none for right after the accept, and
   *     {@link #GARBAGE} for right after a text that is no reply
   * @param answered whether that command is answered before
   */
  CutRedis(String cutAt, boolean answered) throws IOException {
    this.cutAt = cutAt;
    this.answered = answered;
    Thread thread = new Thread(this::serve, "cut-redis");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return socket.getLocalPort();
  }

  /** How many connections it accepted. */
  int accepted() {
    return accepted.get();
  }

  private void serve() {
    while (!socket.isClosed()) {
      try (Socket one = socket.accept()) {
        accepted.incrementAndGet();
        if (cutAt.equals(GARBAGE)) {
          one.getOutputStream()
              .write("\u0001garbage\n".repeat(1_000).getBytes(StandardCharsets.UTF_8));
        } else if (!cutAt.isEmpty()) {
          talk(one);
        }
      } catch (IOException cut) {
        // The next one.
      }
    }
  }

  private void talk(Socket one) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(one.getInputStream(), StandardCharsets.UTF_8));
    OutputStream out = one.getOutputStream();
    String header = in.readLine();
    while (header != null) {
      String command = "";
      for (int i = 0; i < Integer.parseInt(header.substring(1)); i++) {
        in.readLine();
        String word = in.readLine();
        command = i == 0 ? word : command;
      }
      boolean last = command.equals(cutAt);
      if (!last || answered) {
        String reply =
            switch (command) {
              case "HELLO" -> "-ERR unknown command\r\n";
              case "SET" -> "$-1\r\n";
              default -> "+OK\r\n";
            };
        out.write(reply.getBytes(StandardCharsets.UTF_8));
        out.flush();
      }
      if (last) {
        return;
      }
      header = in.readLine();
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
