package io.limiter.client.testing;

import io.limiter.v1.ObserveRequest;
import java.time.Duration;

/**
 * What a counter learned of an upstream's own limit, as the service does: how much each of its
 * windows admits, how much of the present one is left, when the next begins, and until when nothing
 * passes. Times are the test's.
 */
final class Learned {
  /** 0: none was told. */
  private long limit;

  private boolean limitTold;
  private long remaining;

  /** Zero: no window was told. */
  private Duration window = Duration.ZERO;

  private Duration reset = Duration.ZERO;
  private Duration blockedUntil = Duration.ZERO;

  void observe(ObserveRequest told, Duration now) {
    roll(now);
    if (told.hasLimit()) {
      limit = told.getLimit();
      limitTold = true;
    }
    if (told.hasBlockedFor()) {
      blockedUntil = now.plus(duration(told.getBlockedFor()));
    }
    if (told.hasRemaining()) {
      boolean first = window.isZero();
      limit = limitTold ? limit : Math.max(limit, told.getRemaining());
      remaining = first ? told.getRemaining() : Math.min(remaining, told.getRemaining());
      Duration left = duration(told.getResetAfter());
      window = window.compareTo(left) > 0 ? window : left;
      reset = now.plus(left);
    }
  }

  /** When it would admit; zero if it does now. */
  Duration retryAfter(long cost, Duration now) {
    roll(now);
    if (now.compareTo(blockedUntil) < 0) {
      return blockedUntil.minus(now);
    }
    return !window.isZero() && cost > remaining ? reset.minus(now) : Duration.ZERO;
  }

  /** What it leaves, of what the rule leaves. */
  long remaining(long own, Duration now) {
    roll(now);
    if (now.compareTo(blockedUntil) < 0) {
      return 0;
    }
    return window.isZero() ? own : Math.min(own, remaining);
  }

  /** Until there is more. */
  Duration resetAfter(Duration now) {
    Duration end = reset.compareTo(blockedUntil) > 0 ? reset : blockedUntil;
    return end.compareTo(now) > 0 ? end.minus(now) : Duration.ZERO;
  }

  void charge(long cost, Duration now) {
    roll(now);
    remaining = Math.max(0, remaining - cost);
  }

  private void roll(Duration now) {
    if (!window.isZero() && now.compareTo(reset) >= 0) {
      remaining = limit;
      reset = reset.plus(window.multipliedBy(now.minus(reset).dividedBy(window) + 1));
    }
  }

  static Duration duration(com.google.protobuf.Duration message) {
    return Duration.ofSeconds(message.getSeconds(), message.getNanos());
  }
}
