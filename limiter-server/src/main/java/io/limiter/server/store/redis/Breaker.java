package io.limiter.server.store.redis;

import io.limiter.server.store.StoreException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a Redis is asked that may not answer. One that leaves three questions in a row unanswered
 * for their time, and answers nothing for 50 ms from the first of them, is asked no more but by
 * single probes: after 50 ms, then twice as long each time, up to 1 s. So nobody waits for it
 * meanwhile, and callers that hardly wait do not speak for those that do. One answer, and it is
 * asked again. Safe to call from any thread; takes no lock.
 */
final class Breaker {
  private static final Logger log = LoggerFactory.getLogger(Breaker.class);

  /** So many unanswered questions in a row open it. */
  static final int MISSES = 3;

  /** It has to be silent for so long from the first of these. */
  static final Duration SILENCE = Duration.ofMillis(50);

  static final Duration FIRST_PROBE = Duration.ofMillis(50);
  static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private final String address;
  private final LongSupplier nanoTime;
  private final StoreException refusal;
  private final AtomicInteger missed = new AtomicInteger();
  private final AtomicBoolean open = new AtomicBoolean();
  private final AtomicLong nextProbeNanos = new AtomicLong();
  private volatile long firstMissNanos;
  private volatile long pauseNanos;

  /**
   * A closed breaker.
   *
   * @param address where Redis is, without user and password
   */
  Breaker(String address, LongSupplier nanoTime) {
    this.address = address;
    this.nanoTime = nanoTime;
    this.refusal =
        new StoreException(
            StoreException.Kind.TIMEOUT,
            address
                + " leaves questions unanswered, and is asked one now and then until it answers;"
                + " look for what slows it down",
            null);
  }

  /** Whether Redis leaves questions unanswered. */
  boolean isOpen() {
    return open.get();
  }

  /** Whether a question may be asked now. */
  boolean lets() {
    if (!open.get()) {
      return true;
    }
    long now = nanoTime.getAsLong();
    long due = nextProbeNanos.get();
    if (now - due < 0 || !nextProbeNanos.compareAndSet(due, now + pauseNanos)) {
      return false;
    }
    pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE.toNanos());
    return true;
  }

  /** What a question fails with that may not be asked. */
  StoreException refusal() {
    return refusal;
  }

  /** A question was left unanswered for its time. */
  void missed() {
    long now = nanoTime.getAsLong();
    int row = missed.incrementAndGet();
    if (row == 1) {
      firstMissNanos = now;
    } else if (row >= MISSES && now - firstMissNanos >= SILENCE.toNanos() && !open.get()) {
      pauseNanos = 2 * FIRST_PROBE.toNanos();
      nextProbeNanos.set(now + FIRST_PROBE.toNanos());
      if (open.compareAndSet(false, true)) {
        log.warn("{} leaves questions unanswered; asking it by single probes", address);
      }
    }
  }

  /** Redis answered. */
  void answered() {
    if (missed.get() != 0) {
      missed.set(0);
      if (open.compareAndSet(true, false)) {
        log.info("{} answers again", address);
      }
    }
  }
}
