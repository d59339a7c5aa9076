package io.limiter.server.grpc.load;

import io.grpc.netty.shaded.io.netty.util.concurrent.FastThreadLocal;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * How far one event loop is behind with what it has to read, and whether it has more to do than it
 * can: then it stays behind. A pause after which it catches up is not that. Source: K. Nichols, V.
 * Jacobson, RFC 8289 (CoDel), which likewise tells a queue that stands from one that passes.
 *
 * <p>To be used on the event loop.
 */
public final class EventLoopLag {
  private static final FastThreadLocal<EventLoopLag> CURRENT =
      new FastThreadLocal<>() {
        @Override
        protected EventLoopLag initialValue() {
          return new EventLoopLag(System::nanoTime);
        }
      };

  /** Who has found nothing to do for so long was waiting for it. */
  private static final long IDLE_NANOS = 1_000_000;

  /** Whoever is behind by less has caught up. */
  private static final long CAUGHT_UP_NANOS = 1_000_000;

  /** An event loop that fell behind for good lately will do so again. */
  private static final long LATELY_NANOS = 1_000_000_000;

  private final LongSupplier nanoTime;
  private long startNanos;
  private long endNanos;
  private long quietNanos;
  private boolean isWorking;
  private long caughtUpNanos;
  private long overloadedNanos;

  EventLoopLag(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    long now = nanoTime.getAsLong();
    startNanos = now;
    endNanos = now - IDLE_NANOS - 1;
    caughtUpNanos = now;
    overloadedNanos = now - LATELY_NANOS;
  }

  /** Of the event loop that this runs on. */
  public static EventLoopLag current() {
    return CURRENT.get();
  }

  /**
   * Something was read. What an event loop finds to be read when it looks came since it looked the
   * time before, from any connection that it then read to its end.
   *
   * @param eventLoop runs a task after everything that there is to be read was read
   * @return since when it can have come
   */
  public long quietNanos(Executor eventLoop) {
    works(eventLoop);
    return quietNanos;
  }

  /** The event loop does something that keeps what comes meanwhile waiting. */
  public void works(Executor eventLoop) {
    if (isWorking) {
      return;
    }
    isWorking = true;
    long now = nanoTime.getAsLong();
    quietNanos = now - endNanos > IDLE_NANOS ? now : startNanos;
    startNanos = now;
    eventLoop.execute(
        () -> {
          isWorking = false;
          endNanos = nanoTime.getAsLong();
        });
  }

  /** Something was read that may have waited for so long. */
  public void waited(long nanos) {
    if (nanos < CAUGHT_UP_NANOS) {
      caughtUpNanos = nanoTime.getAsLong();
    }
  }

  /** Whether it was overloaded within a second. */
  public boolean isOverloaded() {
    return nanoTime.getAsLong() - overloadedNanos < LATELY_NANOS;
  }

  /**
   * Whether it is overloaded, now that a caller has waited for half of its time or not: it is if it
   * was behind for as long as the caller waits, and stays so for a second.
   *
   * @param waitedNanos how long the call waited to be read
   * @param timeoutNanos how long its caller waits for the answer
   */
  public boolean isOverloaded(long waitedNanos, long timeoutNanos) {
    long now = nanoTime.getAsLong();
    if (waitedNanos >= timeoutNanos / 2 && now - caughtUpNanos >= timeoutNanos) {
      overloadedNanos = now;
    }
    return now - overloadedNanos < LATELY_NANOS;
  }
}
