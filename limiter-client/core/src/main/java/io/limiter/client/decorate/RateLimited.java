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
  private final LimiterClient limiter;
  private final CheckRequest request;
  private final Optional<Duration> longest;

  private final Optional<Duration> longestDelay;

  private RateLimited(
      LimiterClient limiter,
      CheckRequest request,
      Optional<Duration> longest,
      Optional<Duration> longestDelay) {
    this.limiter = limiter;
    this.request = request;
    this.longest = longest;
    this.longestDelay = longestDelay;
  }

  /**
   * Limits calls.
   *
   * @param request is asked before each call. It must have no idempotency key: a second call under
   *     the same would be taken for the first, and go ahead for nothing
   */
  public static RateLimited by(LimiterClient limiter, CheckRequest request) {
    return new RateLimited(limiter, request, Optional.empty(), Optional.empty());
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
    return new RateLimited(
        limiter, request, Optional.of(notNegative("longest", longest)), Optional.empty());
  }

  /**
   * Does not wait for room, but for its turn: a longer {@link Decision#delay() delay} is a denial.
   * That one was charged; if the question asks for a {@link CheckRequest#receipt() receipt}, it is
   * given back.
   *
   * @param longestDelay zero or more
   */
  public RateLimited delayedUpTo(Duration longestDelay) {
    return new RateLimited(
        limiter, request, Optional.empty(), Optional.of(notNegative("longestDelay", longestDelay)));
  }

  private static Duration notNegative(String name, Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException(
          "%s %s is negative; pass zero or more".formatted(name, duration));
    }
    return duration;
  }

  /**
   * Asks, and waits as it must.
   *
   * @return the decision by which the call goes ahead
   * @throws DeniedException if the call must not go ahead
   * @throws LimiterException if the question is wrong
   * @throws CancellationException if the thread is interrupted while it asks or waits; it stays
   *     interrupted. The call may have been charged
   */
  public Decision acquire() {
    Decision decision = decide();
    // Whoever was interrupted while it asked got an answer that is the client's own.
    if (Thread.currentThread().isInterrupted()) {
      throw interrupted();
    }
    if (!decision.allowed()) {
      throw new DeniedException(decision);
    }
    return decision;
  }

  private static CancellationException interrupted() {
    return new CancellationException("interrupted while waiting for the rate limit");
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
  public CompletableFuture<Decision> acquireAsync() {
    CompletableFuture<Decision> decided = decideAsync();
    CompletableFuture<Decision> acquired =
        decided.thenApply(
            decision -> {
              if (!decision.allowed()) {
                throw new DeniedException(decision);
              }
              return decision;
            });
    var unused =
        acquired.whenComplete(
            (decision, failure) -> {
              if (acquired.isCancelled()) {
                decided.cancel(false);
              }
            });
    return acquired;
  }

  /**
   * {@link #acquire} that returns a denial instead of throwing it.
   *
   * @return the decision by which the call may go ahead now, or must not. If the thread is
   *     interrupted while it asks: the client's own, as {@link LimiterClient#check} has it
   * @throws LimiterException if the question is wrong
   * @throws CancellationException if the thread is interrupted while it waits for room or for its
   *     turn; it stays interrupted. The call may have been charged
   */
  public Decision decide() {
    long sinceNanos = System.nanoTime();
    for (int tries = 0; ; tries++) {
      Decision decision = limiter.check(request);
      Turn turn = turn(decision, sinceNanos, tries);
      try {
        TimeUnit.NANOSECONDS.sleep(turn.pauseNanos());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw interrupted();
      }
      if (!turn.again()) {
        return turn.decision();
      }
    }
  }

  /**
   * {@link #decide} without a thread that waits; completes as {@link #acquireAsync} does. Once it
   * is cancelled it asks no more. What is admitted all the same goes back if the question asks for
   * a receipt.
   */
  public CompletableFuture<Decision> decideAsync() {
    CompletableFuture<Decision> decided = new CompletableFuture<>();
    decide(decided, System.nanoTime(), 0);
    return decided;
  }

  private void decide(CompletableFuture<Decision> decided, long sinceNanos, int tries) {
    var unused =
        limiter
            .checkAsync(request)
            .thenCompose(
                decision -> {
                  Turn turn = turn(decision, sinceNanos, tries);
                  return Pause.of(turn.pauseNanos())
                      .thenAccept(over -> goOn(decided, turn, sinceNanos, tries));
                })
            .whenComplete(
                (over, failure) -> {
                  if (failure != null) {
                    decided.completeExceptionally(
                        failure instanceof CompletionException wrapped && wrapped.getCause() != null
                            ? wrapped.getCause()
                            : failure);
                  }
                });
  }

  private void goOn(CompletableFuture<Decision> decided, Turn turn, long sinceNanos, int tries) {
    if (!turn.again()) {
      if (!decided.complete(turn.decision())) {
        var unused = turn.decision().receipt().map(limiter::refundAsync);
      }
    } else if (!decided.isDone()) {
      decide(decided, sinceNanos, tries + 1);
    }
  }

  private Turn turn(Decision decision, long sinceNanos, int tries) {
    Optional<Long> left = longest.map(most -> Turn.nanos(most) - (System.nanoTime() - sinceNanos));
    long delay = longestDelay.map(Turn::nanos).orElse(Long.MAX_VALUE);
    Turn turn = Turn.of(decision, tries, left.orElse(0L), left.orElse(delay));
    if (turn.late()) {
      // Nobody waits for it: if it fails, the charge stays.
      var unused = decision.receipt().map(limiter::refundAsync);
    }
    return turn;
  }
}
