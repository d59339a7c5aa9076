package io.limiter.client.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import io.limiter.client.CheckRequest;
import io.limiter.client.LimiterClient;
import io.limiter.client.decorate.RateLimited;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;

/**
 * Limits the calls that a gRPC client makes, such as to an upstream that allows so many a second. A
 * call for which there is no room waits for it, within its deadline. If there will be none in time,
 * it ends at once with RESOURCE_EXHAUSTED, and the upstream never hears of it.
 *
 * <pre>{@code
 * Channel paced =
 *     ClientInterceptors.intercept(
 *         channel,
 *         RateLimitClientInterceptor.by(
 *             limiter,
 *             (method, options) ->
 *                 Optional.of(CheckRequest.in("upstream").attribute("account", "acme"))));
 * }</pre>
 *
 * <p>How it waits is said at {@link RateLimited#waitingUpTo}; no thread is kept for it. A call
 * without a deadline waits for 5 seconds, or as {@link #waitingUpTo} says. If no answer comes,
 * {@link io.limiter.client.OnUnreachable} says whether the call goes ahead; if not, it ends with
 * UNAVAILABLE.
 *
 * <p>Thread-safe.
 */
public final class RateLimitClientInterceptor implements ClientInterceptor {
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

  private final LimiterClient limiter;
  private final Questions questions;
  private final Duration longest;

  /** What to ask before a call is made. */
  @FunctionalInterface
  public interface Questions {
    /** The question; empty for a call that is not limited. */
    Optional<CheckRequest> of(MethodDescriptor<?, ?> method, CallOptions options);
  }

  private RateLimitClientInterceptor(LimiterClient limiter, Questions questions, Duration longest) {
    this.limiter = limiter;
    this.questions = questions;
    this.longest = longest;
  }

  /** Asks these questions. */
  public static RateLimitClientInterceptor by(LimiterClient limiter, Questions questions) {
    return new RateLimitClientInterceptor(limiter, questions, LONGEST_WAIT);
  }

  /**
   * Waits no longer for room, whatever the deadline is.
   *
   * @param longest zero or more; zero ends a denied call at once
   */
  public RateLimitClientInterceptor waitingUpTo(Duration longest) {
    if (longest.isNegative()) {
      throw new IllegalArgumentException(
          "longest %s is negative; pass zero or more".formatted(longest));
    }
    return new RateLimitClientInterceptor(limiter, questions, longest);
  }

  @Override
  public <Q, R> ClientCall<Q, R> interceptCall(
      MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
    Optional<CheckRequest> question = questions.of(method, options);
    if (question.isEmpty()) {
      return next.newCall(method, options);
    }
    Executor executor = options.getExecutor();
    return new HeldCall<>(
        () -> next.newCall(method, options),
        () -> RateLimited.by(limiter, question.get()).waitingUpTo(wait(options)).acquireAsync(),
        executor == null ? ForkJoinPool.commonPool() : executor);
  }

  private Duration wait(CallOptions options) {
    Deadline deadline = Context.current().getDeadline();
    if (options.getDeadline() != null) {
      deadline = deadline == null ? options.getDeadline() : deadline.minimum(options.getDeadline());
    }
    if (deadline == null) {
      return longest;
    }
    Duration left = Duration.ofNanos(Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS)));
    return left.compareTo(longest) < 0 ? left : longest;
  }
}
