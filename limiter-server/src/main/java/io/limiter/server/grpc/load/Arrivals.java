package io.limiter.server.grpc.load;

import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * Since when what is read from one connection may have waited to be read. The network does not tell
 * how old bytes are; but whatever is read came after the last time at which there was nothing left
 * to read.
 *
 * <p>To be used on the event loop.
 */
public final class Arrivals {
  private final EventLoopLag lag;
  private final LongSupplier nanoTime;

  /** The last time at which there was nothing left to read, as far as is known. */
  private long emptyNanos;

  /** Whether something may have been left to read since then, when it was last looked at. */
  private boolean left;

  /** When it was last read, or was to be read again. */
  private long lookedNanos;

  /** Of a connection that is open from now on. */
  public Arrivals(EventLoopLag lag, LongSupplier nanoTime) {
    this.lag = lag;
    this.nanoTime = nanoTime;
    emptyNanos = nanoTime.getAsLong();
    lookedNanos = emptyNanos;
  }

  /**
   * Something was read.
   *
   * @param all whether that was all that there was to read
   * @param eventLoop that reads it
   * @return the earliest time at which it may have come
   */
  public long read(boolean all, Executor eventLoop) {
    long quiet = lag.quietNanos(eventLoop);
    // What had been left would have been read when the event loop looked once more.
    boolean mayBeOld = left && lookedNanos - quiet >= 0;
    long since = mayBeOld || emptyNanos - quiet > 0 ? emptyNanos : quiet;
    long now = nanoTime.getAsLong();
    emptyNanos = all ? now : since;
    left = !all;
    lookedNanos = now;
    lag.waited(now - since);
    return since;
  }

  /** It is not read for now: what comes waits. */
  public void leave() {
    left = true;
  }

  /** It is read again. */
  public void resume() {
    lookedNanos = nanoTime.getAsLong();
  }
}
