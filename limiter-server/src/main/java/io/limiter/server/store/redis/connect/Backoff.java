package io.limiter.server.store.redis.connect;

import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * How long to wait before the next attempt to connect. Safe to call from any thread.
 *
 * <p>Not at all after a connection that lived for two seconds. After any other failure 20 ms, then
 * twice as long each time, up to a second, less a random part of up to half: instances that lost
 * Redis together must not come back together. A connection that dies young counts as a failure,
 * since a Redis that accepts and cuts would otherwise be connected to hundreds of times a second.
 *
 * <p>What an attempt took is part of the pause. One that hangs where nobody answers takes half a
 * second by itself, and whoever waits for the end of that has waited. An attempt begins when the
 * pause before it is over.
 */
final class Backoff {
  private static final long FIRST_MILLIS = 20;
  private static final long LONGEST_MILLIS = 1_000;

  /** Longer than any pause, so that even one that is cut at this age is made once a second. */
  static final long YOUNG_NANOS = 2 * LONGEST_MILLIS * 1_000_000;

  private final LongSupplier nanoTime;
  private final DoubleSupplier random;
  private long nextMillis = FIRST_MILLIS;
  private boolean connected;
  private long connectedNanos;
  private long beginsNanos;

  /**
   * A backoff that starts with the shortest pause.
   *
   * @param nanoTime a clock like {@link System#nanoTime}
   * @param random from 0 to less than 1
   */
  Backoff(LongSupplier nanoTime, DoubleSupplier random) {
    this.nanoTime = nanoTime;
    this.random = random;
    beginsNanos = nanoTime.getAsLong();
  }

  /** A connection was made. */
  synchronized void connected() {
    connected = true;
    connectedNanos = nanoTime.getAsLong();
  }

  /** How long to wait after an attempt that failed, or after the end of the connection. */
  synchronized long pauseMillis() {
    long now = nanoTime.getAsLong();
    long pause = pauseMillis(now);
    connected = false;
    beginsNanos = now + pause * 1_000_000;
    return pause;
  }

  private long pauseMillis(long now) {
    if (connected && now - connectedNanos >= YOUNG_NANOS) {
      nextMillis = FIRST_MILLIS;
      return 0;
    }
    long longest = nextMillis;
    nextMillis = Math.min(2 * longest, LONGEST_MILLIS);
    long pause = longest - (long) (random.getAsDouble() * (longest / 2.0));
    long took = connected ? 0 : Math.max(0, now - beginsNanos) / 1_000_000;
    return Math.max(0, pause - took);
  }
}
