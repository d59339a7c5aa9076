package io.limiter.server.store.lease;

import io.limiter.server.store.ClockDrift;
import io.limiter.server.store.LeaseSource.Prefetched;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of a fixed window. They are good only in the window that they were charged to.
 *
 * <p>That nothing passes beyond the limit: Redis counts what is prefetched in the window that it is
 * prefetched in, up to the limit. A token is used at most once. And it is used in that window: the
 * prefetch was counted at some moment after it was sent, when the window had {@code d} left; so by
 * the clock of Redis the window lasts until {@code d} after that moment at least, and by this one,
 * which is no more than a thousandth slower, until {@code d} less a thousandth after the sending.
 * From then on the tokens are void.
 *
 * <p>What is given back is taken off the count of that same window, or not at all, and is not held
 * any more when that is sent.
 */
final class WindowHolding implements Holding {
  private static final long ANY_TIME = 1L << 53;

  private long tokens;
  private long windowEndMicros;
  private long untilNanos;
  private long sentNanos;

  @Override
  public boolean take(long cost, long nowNanos) {
    if (tokens(nowNanos) < cost) {
      return false;
    }
    tokens -= cost;
    return true;
  }

  @Override
  public long tokens(long nowNanos) {
    return nowNanos - untilNanos < 0 ? tokens : 0;
  }

  @Override
  public long tokensRoundedUp(long nowNanos) {
    return tokens(nowNanos);
  }

  @Override
  public void sending(long nowNanos) {
    sentNanos = nowNanos;
  }

  @Override
  public void add(Prefetched prefetched, long nowNanos) {
    if (prefetched.tokens() == 0) {
      return;
    }
    if (prefetched.windowEndMicros() != windowEndMicros) {
      tokens = 0;
      windowEndMicros = prefetched.windowEndMicros();
    }
    tokens += prefetched.tokens();
    untilNanos = sentNanos + ClockDrift.atMostNanos(prefetched.resetAfterMicros());
  }

  @Override
  public @Nullable Rest empty(long nowNanos) {
    long rest = tokens(nowNanos);
    tokens = 0;
    return rest == 0 ? null : new Rest(rest, windowEndMicros, ANY_TIME);
  }

  @Override
  public long resetAfter(long knownMicros) {
    return Math.max(1, knownMicros);
  }
}
