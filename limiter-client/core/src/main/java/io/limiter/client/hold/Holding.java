package io.limiter.client.hold;

import io.limiter.client.Algorithm;
import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.client.LimiterException;
import io.limiter.client.RuleStatus;
import io.limiter.client.decorate.DeniedException;
import io.limiter.client.decorate.RateLimited;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Takes room for as long as something lasts.
 *
 * <pre>{@code
 * Holding holding = Holding.by(limiter).waitingUpTo(Duration.ofSeconds(2));
 * try (Permit permit = holding.acquire(CheckRequest.in("exports").attribute("user", "alice"))) {
 *   export();
 * }
 * }</pre>
 *
 * <p>What is not allowed ends with a {@link DeniedException}: at once, or after {@link
 * #waitingUpTo} if room was not there by then either. An admission that holds nothing gives a
 * permit or a reservation that does nothing: none of the rules holds, Redis could not be asked, or
 * no answer came and the client fails open.
 *
 * <p>Requests must have no idempotency key: a second one under the same would be taken for the
 * first. Immutable, and so safe to use from any thread.
 */
public final class Holding {
  private static final System.Logger LOG = System.getLogger(Holding.class.getName());

  private final LimiterClient limiter;
  private final Optional<Duration> longest;
  private final Consumer<Permit> onLost;
  private final Timing timing;

  private Holding(
      LimiterClient limiter, Optional<Duration> longest, Consumer<Permit> onLost, Timing timing) {
    this.limiter = limiter;
    this.longest = longest;
    this.onLost = onLost;
    this.timing = timing;
  }

  /** Takes room through a client. Whoever is denied does not wait. */
  public static Holding by(LimiterClient limiter) {
    return by(limiter, Timing.system());
  }

  static Holding by(LimiterClient limiter, Timing timing) {
    return new Holding(limiter, Optional.empty(), Holding::log, timing);
  }

  /**
   * Waits for room, as {@link RateLimited#waitingUpTo} does. There may be some before a denial said
   * so, as holds end at any time; but who waits comes again when it said.
   *
   * @param longest the longest wait for room; zero or more
   */
  public Holding waitingUpTo(Duration longest) {
    if (longest.isNegative()) {
      throw new IllegalArgumentException(
          "longest %s is negative; pass zero or more".formatted(longest));
    }
    return new Holding(limiter, Optional.of(longest), onLost, timing);
  }

  /**
   * Tells of each permit that is lost, once, in place of a line in the log.
   *
   * @param listener must not block: renewals of other permits wait for it
   */
  public Holding onLost(Consumer<Permit> listener) {
    return new Holding(limiter, longest, listener, timing);
  }

  private static void log(Permit permit) {
    LOG.log(
        Level.WARNING,
        "A permit was lost while it was in use: its hold has ended, by rules {0}",
        permit.decision().statuses().stream().map(RuleStatus::rule).toList());
  }

  /**
   * Takes a permit, which is renewed in the background until it is closed.
   *
   * @param request for rules of any algorithm with {@link CheckRequest#hold}, no longer than the
   *     rules let it be held. For concurrency limits alone it may be without
   * @throws DeniedException if there is no room
   * @throws LimiterException if the request is wrong
   * @throws CancellationException if the thread is interrupted meanwhile; it stays interrupted.
   *     What was admitted by then is released, or ends by itself
   */
  public Permit acquire(CheckRequest request) {
    return permit(request, decide(request));
  }

  /**
   * The same without a thread that waits. One that is cancelled asks no more, and releases what is
   * admitted all the same.
   *
   * @return completes on a thread of the client's channel, or after a pause on one of the common
   *     pool; fails with what {@link #acquire} throws
   */
  public CompletableFuture<Permit> acquireAsync(CheckRequest request) {
    return decideAsync(request, decision -> permit(request, decision), Permit::close);
  }

  /**
   * Reserves what something may cost at most; {@link Reservation#settle} puts in its place what it
   * did cost. It is not renewed by itself.
   *
   * @param request with a {@link CheckRequest#hold} that is longer than the settlement takes
   * @throws IllegalArgumentException if it is without
   * @throws DeniedException if there is no room
   * @throws LimiterException if the request is wrong
   * @throws CancellationException as {@link #acquire} does
   */
  public Reservation reserve(CheckRequest request) {
    Duration hold = hold(request);
    return new Reservation(limiter.holds(), decide(request), hold);
  }

  /** The same without a thread that waits, likewise. */
  public CompletableFuture<Reservation> reserveAsync(CheckRequest request) {
    Duration hold = hold(request);
    return decideAsync(
        request, decision -> new Reservation(limiter.holds(), decision, hold), Reservation::close);
  }

  /** Calls while it has a permit. */
  public <T> T call(CheckRequest request, Callable<T> call) throws Exception {
    Permit permit = acquire(request);
    try {
      return call.call();
    } finally {
      permit.close();
    }
  }

  /**
   * Calls while it has a permit, until the stage of the call is complete.
   *
   * @return fails with what {@link #acquire} throws, with what the call throws, or with what its
   *     stage fails with
   */
  public <T> CompletableFuture<T> callAsync(
      CheckRequest request, Supplier<? extends CompletionStage<T>> call) {
    return acquireAsync(request)
        .thenCompose(
            permit -> {
              CompletionStage<T> called;
              try {
                called = call.get();
              } catch (RuntimeException | Error failure) {
                permit.close();
                throw failure;
              }
              return called.whenComplete((value, failure) -> permit.close());
            });
  }

  private RateLimited limited(CheckRequest request) {
    RateLimited limited = RateLimited.by(limiter, request);
    return longest.map(limited::waitingUpTo).orElse(limited);
  }

  private Decision decide(CheckRequest request) {
    Decision decision = limited(request).decide();
    if (Thread.currentThread().isInterrupted()) {
      var unused = decision.receipt().map(limiter.holds()::releaseAsync);
      throw new CancellationException("interrupted while waiting for room");
    }
    return allowed(decision);
  }

  private <T> CompletableFuture<T> decideAsync(
      CheckRequest request, Function<Decision, T> taken, Consumer<T> close) {
    CompletableFuture<Decision> decided = limited(request).decideAsync();
    CompletableFuture<T> result = new CompletableFuture<>();
    var unused =
        decided.whenComplete(
            (decision, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
              } else if (!decision.allowed()) {
                result.completeExceptionally(new DeniedException(decision));
              } else {
                T one = taken.apply(decision);
                if (!result.complete(one)) {
                  close.accept(one);
                }
              }
            });
    var unusedToo =
        result.whenComplete(
            (one, failure) -> {
              if (result.isCancelled()) {
                decided.cancel(false);
              }
            });
    return result;
  }

  private static Decision allowed(Decision decision) {
    if (!decision.allowed()) {
      throw new DeniedException(decision);
    }
    return decision;
  }

  private Permit permit(CheckRequest request, Decision decision) {
    Permit permit = new Permit(limiter.holds(), decision, lasts(request, decision), onLost, timing);
    permit.start();
    return permit;
  }

  /** How long it lasts without a renewal: a concurrency limit's time is its window. */
  private static Optional<Duration> lasts(CheckRequest request, Decision decision) {
    return Stream.concat(
            request.holds().stream(),
            decision.statuses().stream()
                .filter(status -> status.algorithm() == Algorithm.CONCURRENCY_LIMIT)
                .filter(RuleStatus::allowed)
                .map(status -> status.quota().window()))
        .min(Duration::compareTo);
  }

  private static Duration hold(CheckRequest request) {
    return request
        .holds()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "the request to reserve has no hold; add hold(…), longer than it takes until"
                        + " its cost is known"));
  }
}
