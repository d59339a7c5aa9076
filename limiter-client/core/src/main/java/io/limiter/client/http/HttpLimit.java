package io.limiter.client.http;

import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.client.LimiterException;
import io.limiter.client.OnUnreachable;
import io.limiter.client.decorate.RateLimited;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/**
 * Asks on behalf of HTTP requests, and has them wait as a leaky bucket says. The wait is bounded: a
 * longer one turns the admission into a denial, and is given back if the question asked for a
 * {@link CheckRequest#receipt() receipt}. Without a receipt the charge stays.
 *
 * <p>Immutable, and so safe to use from any thread.
 */
public final class HttpLimit {
  /** The longest delay, unless another is set. */
  public static final Duration DEFAULT_LONGEST_DELAY = Duration.ofSeconds(1);

  private static final Duration BOUND = Duration.ofHours(1);

  private final LimiterClient limiter;
  private final Duration longestDelay;

  /**
   * Asks a client.
   *
   * @param longestDelay that a request may be held back; zero to one hour
   * @throws IllegalArgumentException for anything else
   */
  public HttpLimit(LimiterClient limiter, Duration longestDelay) {
    if (longestDelay.isNegative() || longestDelay.compareTo(BOUND) > 0) {
      throw new IllegalArgumentException(
          "longest delay %s is not within 0 and %s; pass what a caller will wait for"
              .formatted(longestDelay, BOUND));
    }
    this.limiter = limiter;
    this.longestDelay = longestDelay;
  }

  /**
   * Asks, and waits on this thread until the request may go ahead. A thread that is interrupted
   * while it asks gets the answer of {@link OnUnreachable} and stays interrupted.
   *
   * @throws LimiterException if the question is wrong or the caller is refused
   * @throws CancellationException if the thread is interrupted while it waits for its turn; it
   *     stays interrupted
   */
  public Decision ask(CheckRequest request) {
    return limited(request).decide();
  }

  /**
   * The same without a thread that waits.
   *
   * @return completes on a thread of the channel, or after a delay on one of the common pool; fails
   *     as {@link LimiterClient#checkAsync} does
   */
  public CompletableFuture<Decision> askAsync(CheckRequest request) {
    return limited(request).decideAsync();
  }

  private RateLimited limited(CheckRequest request) {
    return RateLimited.by(limiter, request).delayedUpTo(longestDelay);
  }
}
