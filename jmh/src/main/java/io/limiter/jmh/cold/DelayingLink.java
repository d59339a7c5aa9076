package io.limiter.jmh.cold;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * A TCP proxy that passes on what it reads after a random time, in order. Each direction takes half
 * of the round trip.
 */
final class DelayingLink implements AutoCloseable {
  private final ServerSocket server;
  private final InetSocketAddress target;
  private final long leastNanos;
  private final long mostNanos;

  private record Piece(ByteBuffer bytes, long dueNanos) {}

  /**
   * Listens at a port of its own.
   *
   * @param leastNanos of a round trip
   * @param mostNanos likewise
   */
  DelayingLink(InetSocketAddress target, long leastNanos, long mostNanos) throws IOException {
    this.target = target;
    this.leastNanos = leastNanos / 2;
    this.mostNanos = mostNanos / 2;
    server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    daemon(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "delaying-link");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket from = server.accept();
        Socket to = new Socket(target.getAddress(), target.getPort());
        from.setTcpNoDelay(true);
        to.setTcpNoDelay(true);
        pass(from, to);
        pass(to, from);
      } catch (IOException closed) {
        // Whoever connected hears of it by the end of its connection.
      }
    }
  }

  private void pass(Socket from, Socket to) {
    BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
    daemon(() -> read(from, pieces));
    daemon(() -> write(to, pieces));
  }

  private void read(Socket from, BlockingQueue<Piece> pieces) {
    byte[] buffer = new byte[64 << 10];
    long due = System.nanoTime();
    try (from) {
      InputStream in = from.getInputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        long delay = ThreadLocalRandom.current().nextLong(leastNanos, mostNanos + 1);
        due = Math.max(due, System.nanoTime() + delay);
        pieces.add(new Piece(ByteBuffer.wrap(Arrays.copyOf(buffer, read)), due));
      }
    } catch (IOException broken) {
      // The end is passed on below.
    }
    pieces.add(new Piece(ByteBuffer.allocate(0), due));
  }

  private static void write(Socket to, BlockingQueue<Piece> pieces) {
    try (to) {
      OutputStream out = to.getOutputStream();
      for (Piece piece = pieces.take(); piece.bytes.hasRemaining(); piece = pieces.take()) {
        for (long left = piece.dueNanos - System.nanoTime();
            left > 0;
            left = piece.dueNanos - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        byte[] bytes = new byte[piece.bytes.remaining()];
        piece.bytes.get(bytes);
        out.write(bytes);
      }
    } catch (IOException broken) {
      // Then the other direction ends too.
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
