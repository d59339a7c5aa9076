package io.limiter.server.faults;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One connection on its way through a {@link Link}. */
final class Passage {
  private static final int AT_ONCE = 1 << 16;
  private static final byte[] NONE = {};

  private final Link link;
  private final Socket client;
  private final Socket server;
  private final @Nullable ScriptClock clock;

  /** A script was sent while replies are cut. */
  private volatile boolean scriptSent;

  private volatile boolean lost;

  /** Bytes, and when they are due at the other end; none for the end. */
  private static final class Chunk {
    final byte[] bytes;
    final long dueNanos;

    Chunk(byte[] bytes, long dueNanos) {
      this.bytes = bytes;
      this.dueNanos = dueNanos;
    }
  }

  /** Something that reads bytes; none at the end. */
  private interface Source {
    byte[] read() throws IOException;
  }

  /** What a thread does until a connection ends. */
  interface Work {
    void run() throws IOException, InterruptedException;
  }

  Passage(Link link, Socket client, Socket server, @Nullable ScriptClock clock) {
    this.link = link;
    this.client = client;
    this.server = server;
    this.clock = clock;
  }

  void open() throws IOException {
    InputStream asked = new BufferedInputStream(client.getInputStream(), AT_ONCE);
    ScriptClock shifted = clock;
    pass(
        shifted == null ? () -> some(asked) : () -> shifted.command(asked),
        server,
        /* replies= */ false);
    InputStream replied = server.getInputStream();
    pass(() -> some(replied), client, /* replies= */ true);
  }

  private static byte[] some(InputStream in) throws IOException {
    byte[] buffer = new byte[AT_ONCE];
    int read = in.read(buffer);
    return read < 0 ? NONE : Arrays.copyOf(buffer, read);
  }

  private void pass(Source from, Socket to, boolean replies) {
    BlockingQueue<Chunk> way = new LinkedBlockingQueue<>();
    work(
        () -> {
          try {
            byte[] bytes = from.read();
            while (bytes.length > 0 && !(replies && isCut())) {
              if (!isLost(replies)) {
                if (!replies && link.cutsReplies() && isScript(bytes)) {
                  scriptSent = true;
                }
                way.add(new Chunk(bytes, System.nanoTime() + delayNanos()));
              }
              bytes = from.read();
            }
          } finally {
            way.add(new Chunk(NONE, System.nanoTime()));
          }
        });
    work(
        () -> {
          OutputStream out = to.getOutputStream();
          Chunk next = way.take();
          while (next.bytes.length > 0) {
            TimeUnit.NANOSECONDS.sleep(next.dueNanos - System.nanoTime());
            write(next.bytes, out);
            next = way.take();
          }
          cut();
        });
  }

  private boolean isLost(boolean replies) {
    Link.Loss loss = link.weather().loss();
    if (loss == Link.Loss.EVERYTHING || (loss == Link.Loss.REPLIES && replies)) {
      lost = true;
    }
    return lost && (replies || loss != Link.Loss.REPLIES);
  }

  private static boolean isScript(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1).contains("EVAL");
  }

  /** Whether what arrives now answers a script that was sent while replies are cut. */
  private boolean isCut() {
    if (scriptSent) {
      link.replyWasCut();
      cut();
    }
    return scriptSent;
  }

  private long delayNanos() {
    long least = link.weather().least().toNanos();
    long most = link.weather().most().toNanos();
    return most == 0 ? 0 : ThreadLocalRandom.current().nextLong(least, most + 1);
  }

  private void write(byte[] bytes, OutputStream out) throws IOException, InterruptedException {
    int sent = 0;
    while (sent < bytes.length) {
      int rate = link.weather().bytesPerSecond();
      // A hundredth of a second's worth at a time.
      int part = rate == 0 ? bytes.length - sent : Math.min(bytes.length - sent, rate / 100 + 1);
      out.write(bytes, sent, part);
      sent += part;
      if (rate > 0) {
        TimeUnit.NANOSECONDS.sleep(part * 1_000_000_000L / rate);
      }
    }
  }

  void cut() {
    link.over(this);
    cut(client);
    cut(server);
  }

  static void cut(Socket socket) {
    try {
      socket.setSoLinger(true, 0); // a reset, in the place of an orderly end
      socket.close();
    } catch (IOException closedAlready) {
      // That is what was wanted.
    }
  }

  /** Runs this on a thread of its own; when it fails, the connection ends. */
  private void work(Work work) {
    daemon(
        () -> {
          try {
            work.run();
          } catch (IOException over) {
            cut();
          }
        });
  }

  static void daemon(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException | InterruptedException over) {
                // The end of the thread.
              }
            },
            "link");
    thread.setDaemon(true);
    thread.start();
  }
}
