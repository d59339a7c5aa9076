package io.limiter.client.http;

import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.client.LimiterException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

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
   * Asks, and waits on this thread until the request may go ahead.
   *
   * @throws LimiterException if the question is wrong or the caller is refused
   * @throws CancellationException if the thread is interrupted while it waits for the delay; it
   *     stays interrupted
   */
  public Decision ask(CheckRequest request) {
    Decision decision = bounded(limiter.check(request));
    if (!decision.delay().isZero()) {
      try {
        TimeUnit.NANOSECONDS.sleep(decision.delay().toNanos());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancellationException(
            "interrupted while waiting for %s, as the rate limit asks".formatted(decision.delay()));
      }
    }
    return decision;
  }

  /**
   * The same without a thread that waits.
   *
   * @return completes on a thread of the channel, or after a delay on one of the common pool; fails
   *     as {@link LimiterClient#checkAsync} does
   */
  public CompletableFuture<Decision> askAsync(CheckRequest request) {
    return limiter
        .checkAsync(request)
        .thenCompose(
            answer -> {
              Decision decision = bounded(answer);
              return decision.delay().isZero()
                  ? CompletableFuture.completedFuture(decision)
                  : CompletableFuture.supplyAsync(() -> decision, after(decision.delay()));
            });
  }

  private static Executor after(Duration delay) {
    return CompletableFuture.delayedExecutor(delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  private Decision bounded(Decision decision) {
    if (decision.delay().compareTo(longestDelay) <= 0) {
      return decision;
    }
    // Nobody waits for it: if it fails, the charge stays.
    var unused = decision.receipt().map(limiter::refundAsync);
    return new Decision.Denied(
        decision.source(), decision.statuses(), Optional.of(decision.delay()));
  }
}
