package io.limiter.client.decorate;

/**
 * A circuit breaker: opens after so many failures in a row, lets one probe through when its time is
 * over, closes when that succeeds, and else stays open for twice as long, up to a bound. Reads no
 * clock. Not thread-safe.
 *
 * <p>While it is open, only its probe counts: others were begun before.
 */
final class Breaker {
  private final int failuresToOpen;
  private final long firstNanos;
  private final long longestNanos;
  private int failures;

  /** 0: closed. */
  private long openForNanos;

  private long openUntilNanos;
  private boolean probing;

  /**
   * A closed one.
   *
   * @param failuresToOpen 1 or more; 0 never opens
   */
  Breaker(int failuresToOpen, long firstNanos, long longestNanos) {
    this.failuresToOpen = failuresToOpen;
    this.firstNanos = firstNanos;
    this.longestNanos = longestNanos;
  }

  /** How long nothing may pass, whatever a probe says; 0 if something may, or a probe will say. */
  long openNanos(long nowNanos) {
    return openForNanos == 0 ? 0 : Math.max(0, openUntilNanos - nowNanos);
  }

  /** The same, and the time that is next if a probe is under way and fails. */
  long waitNanos(long nowNanos) {
    long open = openNanos(nowNanos);
    return open == 0 && probing ? openForNanos : open;
  }

  /**
   * One passes. Only when there is nothing to wait for.
   *
   * @return whether it is a probe
   */
  boolean pass() {
    probing = openForNanos > 0;
    return probing;
  }

  /** A probe was not sent after all. */
  void unsent() {
    probing = false;
  }

  void succeeded(boolean probe) {
    if (probe) {
      probing = false;
      openForNanos = 0;
    }
    if (openForNanos == 0) {
      failures = 0;
    }
  }

  void failed(boolean probe, long nowNanos) {
    if (probe) {
      probing = false;
      open(Math.min(longestNanos, 2 * openForNanos), nowNanos);
    } else if (openForNanos == 0 && failuresToOpen > 0 && ++failures >= failuresToOpen) {
      open(firstNanos, nowNanos);
    }
  }

  private void open(long nanos, long nowNanos) {
    openForNanos = nanos;
    openUntilNanos = nowNanos + nanos;
  }
}
