package io.limiter.client.decorate;

import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.client.LimiterException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
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
 * <p>A call that is not allowed ends with a {@link DeniedException}; a question that is wrong with
 * a {@link LimiterException}. If the answer carries a {@link Decision#delay() delay}, as a leaky
 * bucket's does, the call waits for it: a blocking one on its thread, and the other without one.
 *
 * <p>Immutable, and so safe to use from any thread.
 */
public final class RateLimited {
  private final LimiterClient limiter;
  private final CheckRequest request;

  private RateLimited(LimiterClient limiter, CheckRequest request) {
    this.limiter = limiter;
    this.request = request;
  }

  /**
   * Limits calls.
   *
   * @param request is asked before each call. It must have no idempotency key: a second call under
   *     one would be taken for the first, and go ahead for nothing
   */
  public static RateLimited by(LimiterClient limiter, CheckRequest request) {
    return new RateLimited(limiter, request);
  }

  /**
   * Asks, and waits for the delay that the answer carries.
   *
   * @throws DeniedException if the call must not go ahead
   * @throws LimiterException if the question is wrong
   * @throws CancellationException if the thread is interrupted while it waits for the delay; it
   *     stays interrupted. The call was charged
   */
  public void acquire() {
    Decision decision = allowed(limiter.check(request));
    if (!decision.delay().isZero()) {
      try {
        TimeUnit.NANOSECONDS.sleep(nanos(decision.delay()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancellationException(
            "interrupted while waiting for %s, as the rate limit asks".formatted(decision.delay()));
      }
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
   * Calls once the answer is there, and its delay over. No thread waits meanwhile.
   *
   * @return a stage that fails with what {@link #acquire} throws, with what the call throws, or
   *     with what its stage fails with. The call is made on a thread of the channel, or after a
   *     delay on one of the common pool
   */
  public <T> Supplier<CompletionStage<T>> completionStage(
      Supplier<? extends CompletionStage<T>> call) {
    return () -> acquireAsync().thenCompose(nothing -> call.get());
  }

  /** {@link #acquire} without a thread that waits. */
  public CompletableFuture<Void> acquireAsync() {
    return limiter
        .checkAsync(request)
        .thenCompose(
            decision -> {
              Duration delay = allowed(decision).delay();
              return delay.isZero()
                  ? CompletableFuture.completedFuture(null)
                  : CompletableFuture.runAsync(() -> {}, after(delay));
            });
  }

  private static Decision allowed(Decision decision) {
    if (!decision.allowed()) {
      throw new DeniedException(decision);
    }
    return decision;
  }

  private static Executor after(Duration delay) {
    return CompletableFuture.delayedExecutor(nanos(delay), TimeUnit.NANOSECONDS);
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
