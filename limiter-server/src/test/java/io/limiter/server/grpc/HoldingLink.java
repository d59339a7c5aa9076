package io.limiter.server.grpc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.Semaphore;

/**
 * A way to a server for one connection, which can hold back what the server says: its client then
 * knows only what it heard before, as one does whose machine is busy.
 */
final class HoldingLink implements AutoCloseable {
  private final ServerSocket front;
  private final int port;
  private final Semaphore towardsClient = new Semaphore(1);

  HoldingLink(int port) throws IOException {
    this.port = port;
    front = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    daemon(this::serve);
  }

  /** Where clients connect to. */
  int port() {
    return front.getLocalPort();
  }

  /** Nothing that the server says from now on arrives before the release. */
  void hold() throws InterruptedException {
    towardsClient.acquire();
  }

  void release() {
    towardsClient.release();
  }

  private void serve() throws IOException, InterruptedException {
    try (Socket client = front.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
      daemon(() -> client.getInputStream().transferTo(server.getOutputStream()));
      InputStream in = server.getInputStream();
      OutputStream out = client.getOutputStream();
      byte[] bytes = new byte[8_192];
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        towardsClient.acquire();
        out.write(bytes, 0, count);
        towardsClient.release();
      }
    }
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private static void daemon(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException closed) {
                // A socket's end ends the thread.
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "holding-link");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    front.close();
  }
}
