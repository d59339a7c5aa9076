package io.limiter.server.grpc;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.limiter.server.grpc.load.Arrivals;
import io.limiter.server.grpc.load.EventLoopLag;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Passes on what came on one connection. It has its turn like every other connection of its event
 * loop, and no turn takes much longer than a quarter of a millisecond, whatever was sent. While
 * anything is left, nothing more is read from the network, so that the client has to wait and not
 * the service to remember.
 *
 * <p>The next turn is a task for a later time. An event loop runs everything that is there to be
 * run before it looks at the network again, for up to a second, also what that itself brings.
 *
 * <p>To be used on the event loop.
 */
final class InTurn {
  private static final long TURN_NANOS = 250_000;

  /** Bytes that are passed on at a time should take no longer than that, and not much less. */
  private static final long LONG_NANOS = TURN_NANOS / 4;

  private static final long SHORT_NANOS = TURN_NANOS / 16;

  /** Some fifty headers of calls, which are the most work for a byte. */
  private static final int LEAST_BYTES = 1 << 10;

  private static final int MOST_BYTES = 64 << 10;

  private final ChannelHandlerContext context;
  private final Reader reader;
  private final LongSupplier nanoTime;

  /** What was read from the network and not passed on yet. */
  private final Queue<Unread> unread = new ArrayDeque<>();

  private final EventLoopLag lag = EventLoopLag.current();
  private final Arrivals arrivals;

  private int bytesAtOnce = MOST_BYTES;
  private long turnSinceNanos;
  private boolean inTurn;
  private boolean due;
  private boolean paused;
  private boolean closed;

  /** Takes what was read. */
  interface Reader {
    /**
     * Reads, and releases it.
     *
     * @param sinceNanos the earliest time at which it may have come
     */
    void read(ByteBuf bytes, long sinceNanos);
  }

  private record Unread(ByteBuf bytes, long sinceNanos) {}

  /**
   * Nothing to do yet.
   *
   * @param reader is passed what was read, little by little
   * @param nanoTime the time by which turns end
   */
  InTurn(ChannelHandlerContext context, Reader reader, LongSupplier nanoTime) {
    this.context = context;
    this.arrivals = new Arrivals(lag, nanoTime);
    this.reader = reader;
    this.nanoTime = nanoTime;
  }

  /** Passes on what was read: at once what this turn has time for. */
  void read(ByteBuf bytes) {
    if (closed) {
      bytes.release();
      return;
    }
    if (!inTurn) {
      begin();
    }
    unread.add(new Unread(bytes, arrivals.read(bytes.isWritable(), context.executor())));
    readSome();
    settle();
  }

  /** All that the network had for this turn was read. */
  void readComplete() {
    inTurn = false;
    settle();
  }

  /** Nothing is read, nor passed on, until {@link #readOn}. */
  void pause() {
    paused = true;
    settle();
  }

  void readOn() {
    paused = false;
    settle();
  }

  /** The connection has ended: what it sent is of no use to anybody any more. */
  void close() {
    closed = true;
    unread.forEach(one -> one.bytes.release());
    unread.clear();
  }

  private void begin() {
    inTurn = true;
    turnSinceNanos = nanoTime.getAsLong();
  }

  private void turn() {
    lag.works(context.executor());
    due = false;
    begin();
    try {
      readSome();
    } finally {
      inTurn = false;
      if (!closed) {
        context.fireChannelReadComplete();
      }
      settle();
    }
  }

  private void readSome() {
    long now = nanoTime.getAsLong();
    Unread next = unread.peek();
    while (next != null && !paused && now - turnSinceNanos < TURN_NANOS) {
      if (next.bytes.readableBytes() <= bytesAtOnce) {
        unread.remove();
        reader.read(next.bytes, next.sinceNanos);
      } else {
        reader.read(next.bytes.readRetainedSlice(bytesAtOnce), next.sinceNanos);
      }
      long before = now;
      now = nanoTime.getAsLong();
      learn(now - before);
      next = unread.peek();
    }
  }

  private void learn(long nanos) {
    if (nanos > LONG_NANOS) {
      bytesAtOnce = Math.max(LEAST_BYTES, bytesAtOnce / 2);
    } else if (nanos < SHORT_NANOS) {
      bytesAtOnce = Math.min(MOST_BYTES, bytesAtOnce * 2);
    }
  }

  private void settle() {
    if (closed) {
      return;
    }
    boolean open = !paused && unread.isEmpty();
    if (!open) {
      arrivals.leave();
    }
    if (context.channel().config().isAutoRead() != open) {
      if (open) {
        arrivals.resume();
      }
      context.channel().config().setAutoRead(open);
    }
    if (!due && !inTurn && !paused && !unread.isEmpty()) {
      due = true;
      try {
        var unused = context.executor().schedule(this::turn, 1, TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException ended) {
        // It reads nothing any more, so that nobody else is kept waiting.
        turn();
      }
    }
  }
}
