package io.limiter.client.decorate;

import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.client.LimiterException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Puts a limit before a call. What comes out asks each time that it is called, and calls only if
 * the answer allows it.
 *
 * <pre>{@code
 * RateLimited limited = RateLimited.by(limiter, CheckRequest.in("mail").attribute("to", "bob"));
 * Supplier<Quote> quote = limited.supplier(upstream::quote);
 * }</pre>
 *
 * <p>A call that is not allowed ends with a {@link DeniedException}: at once, or after {@link
 * #waitingUpTo} if room was not there by then either. A question that is wrong ends it with a
 * {@link LimiterException}.
 *
 * <p>If an admission carries a {@link Decision#delay() delay}, as a leaky bucket's does, the call
 * waits for it.
 *
 * <p>Immutable, and so safe to use from any thread.
 */
public final class RateLimited {
  /** The first pause is up to so much longer than was said, each one after it up to twice that. */
  private static final long FIRST_JITTER_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private static final int MOST_DOUBLINGS = 7;

  private final LimiterClient limiter;
  private final CheckRequest request;
  private final Optional<Duration> longest;

  private RateLimited(LimiterClient limiter, CheckRequest request, Optional<Duration> longest) {
    this.limiter = limiter;
    this.request = request;
    this.longest = longest;
  }

  /**
   * Limits calls.
   *
   * @param request is asked before each call. It must have no idempotency key: a second call under
   *     the same would be taken for the first, and go ahead for nothing
   */
  public static RateLimited by(LimiterClient limiter, CheckRequest request) {
    return new RateLimited(limiter, request, Optional.empty());
  }

  /**
   * Waits for room. A call that is denied is asked for again when there may be room, and a random
   * time of at most 10 ms after it, doubling up to 1.28 s: so those who wait do not all come at
   * once. It ends with a {@link DeniedException} as soon as it is known that there will be no room
   * in time, also if an admission carries a delay beyond it. That one was charged; if the question
   * asks for a {@link CheckRequest#receipt() receipt}, it is given back.
   *
   * @param longest the longest that a call waits for room; zero or more
   */
  public RateLimited waitingUpTo(Duration longest) {
    if (longest.isNegative()) {
      throw new IllegalArgumentException(
          "longest %s is negative; pass zero or more".formatted(longest));
    }
    return new RateLimited(limiter, request, Optional.of(longest));
  }

  /**
   * Asks, and waits as it must.
   *
   * @throws DeniedException if the call must not go ahead
   * @throws LimiterException if the question is wrong
   * @throws CancellationException if the thread is interrupted while it waits; it stays
   *     interrupted. The call may have been charged
   */
  public void acquire() {
    CompletableFuture<Void> acquired = acquireAsync();
    try {
      acquired.get();
    } catch (InterruptedException e) {
      acquired.cancel(true);
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while waiting for the rate limit");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      throw new CompletionException(e.getCause());
    }
  }

  /** Calls after {@link #acquire}. */
  public <T> Supplier<T> supplier(Supplier<T> call) {
    return () -> {
      acquire();
      return call.get();
    };
  }

  /** Calls after {@link #acquire}. */
  public <T> Callable<T> callable(Callable<T> call) {
    return () -> {
      acquire();
      return call.call();
    };
  }

  /** Calls after {@link #acquire}. */
  public Runnable runnable(Runnable call) {
    return () -> {
      acquire();
      call.run();
    };
  }

  /** Calls after {@link #acquire}. */
  public <T, R> Function<T, R> function(Function<T, R> call) {
    return argument -> {
      acquire();
      return call.apply(argument);
    };
  }

  /**
   * Calls after {@link #acquireAsync}.
   *
   * @return each time a stage that fails with what {@link #acquire} throws, with what the call
   *     throws, or with what its stage fails with
   */
  public <T> Supplier<CompletionStage<T>> completionStage(
      Supplier<? extends CompletionStage<T>> call) {
    return () -> acquireAsync().thenCompose(nothing -> call.get());
  }

  /**
   * {@link #acquire} without a thread that waits.
   *
   * @return completes on a thread of the client's channel, or after a pause on one of the common
   *     pool; fails with what {@link #acquire} throws
   */
  public CompletableFuture<Void> acquireAsync() {
    return acquire(System.nanoTime(), 0);
  }

  private CompletableFuture<Void> acquire(long sinceNanos, int tries) {
    return limiter
        .checkAsync(request)
        .thenCompose(
            decision ->
                decision.allowed()
                    ? admitted(decision, sinceNanos)
                    : denied(decision, sinceNanos, tries));
  }

  private CompletableFuture<Void> admitted(Decision decision, long sinceNanos) {
    if (isInTime(decision.delay(), sinceNanos)) {
      return pause(nanos(decision.delay()));
    }
    decision
        .receipt()
        .ifPresent(
            receipt -> {
              var unused = limiter.refundAsync(receipt);
            });
    throw new DeniedException(
        new Decision.Denied(decision.source(), decision.statuses(), Optional.of(decision.delay())));
  }

  private CompletableFuture<Void> denied(Decision decision, long sinceNanos, int tries) {
    Optional<Duration> wait = decision.retryAfter();
    if (longest.isEmpty() || wait.isEmpty() || !isInTime(wait.get(), sinceNanos)) {
      throw new DeniedException(decision);
    }
    long jitter =
        ThreadLocalRandom.current().nextLong(FIRST_JITTER_NANOS << Math.min(tries, MOST_DOUBLINGS));
    long waits = nanos(wait.get());
    return pause(waits + Math.min(jitter, Math.max(0, left(sinceNanos) - waits)))
        .thenCompose(nothing -> acquire(sinceNanos, tries + 1));
  }

  private boolean isInTime(Duration wait, long sinceNanos) {
    return longest.isEmpty() || wait.isZero() || nanos(wait) <= left(sinceNanos);
  }

  private long left(long sinceNanos) {
    return longest.isEmpty()
        ? Long.MAX_VALUE
        : nanos(longest.get()) - (System.nanoTime() - sinceNanos);
  }

  private static CompletableFuture<Void> pause(long nanos) {
    return nanos <= 0
        ? CompletableFuture.completedFuture(null)
        : CompletableFuture.runAsync(
            () -> {}, CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS));
  }

  /** Of more than 292 years, so many. */
  private static long nanos(Duration duration) {
    try {
      return duration.toNanos();
    } catch (ArithmeticException tooLong) {
      return Long.MAX_VALUE;
    }
  }
}
