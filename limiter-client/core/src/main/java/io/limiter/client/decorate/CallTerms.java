package io.limiter.client.decorate;

import io.limiter.client.CheckRequest;
import io.limiter.client.upstream.UpstreamSaid.Outcome;
import java.time.Duration;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * On which terms a {@link Pacer} makes a call. Immutable: every step returns another one, so keep a
 * common beginning and share it.
 */
public final class CallTerms {
  private static final Set<String> IDEMPOTENT =
      Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");

  private final Duration longest;
  private final Priority priority;
  private final Repeat repeat;
  private final UnaryOperator<CheckRequest> costs;

  private enum Repeat {
    NEVER,
    REFUSED,
    UNAVAILABLE
  }

  private CallTerms(
      Duration longest, Priority priority, Repeat repeat, UnaryOperator<CheckRequest> costs) {
    this.longest = longest;
    this.priority = priority;
    this.repeat = repeat;
    this.costs = costs;
  }

  /**
   * No try begins later than that.
   *
   * @param longest from now on, for waiting and all tries together; zero or more. Zero waits for
   *     nothing. It does not cut a try that is under way: give the call a timeout of its own
   */
  public static CallTerms within(Duration longest) {
    if (longest.isNegative()) {
      throw new IllegalArgumentException(
          "longest %s is negative; pass zero or more".formatted(longest));
    }
    return new CallTerms(longest, Priority.NORMAL, Repeat.REFUSED, UnaryOperator.identity());
  }

  /** Who goes first of those who wait. By default {@link Priority#NORMAL}. */
  public CallTerms priority(Priority priority) {
    return new CallTerms(longest, priority, repeat, costs);
  }

  /**
   * The call may be made twice: so it is repeated after a 503 too, with which the upstream may have
   * begun. Without this step it is repeated after a refusal (429) only, as nothing was done then.
   */
  public CallTerms idempotent() {
    return new CallTerms(longest, priority, Repeat.UNAVAILABLE, costs);
  }

  /**
   * The same for a request of HTTP: idempotent if its method is by RFC 9110, section 9.2.2. What is
   * never to be repeated stays so.
   */
  public CallTerms forMethod(String method) {
    return repeat == Repeat.NEVER || !IDEMPOTENT.contains(method) ? this : idempotent();
  }

  /** The same, and no try begins later than that. */
  public CallTerms atMost(Duration most) {
    Duration least = most.isNegative() ? Duration.ZERO : most;
    return new CallTerms(least.compareTo(longest) < 0 ? least : longest, priority, repeat, costs);
  }

  /** The call is never repeated. */
  public CallTerms once() {
    return new CallTerms(longest, priority, Repeat.NEVER, costs);
  }

  /**
   * What the call costs rules that count requests. Without this step 1.
   *
   * @param cost 0 to 2^52
   */
  public CallTerms cost(long cost) {
    return costing(request -> request.cost(cost));
  }

  /**
   * What it costs rules that count another unit, such as the tokens that it may take.
   *
   * @param cost 0 to 2^52
   */
  public CallTerms unitCost(String unit, long cost) {
    return costing(request -> request.unitCost(unit, cost));
  }

  private CallTerms costing(UnaryOperator<CheckRequest> step) {
    return new CallTerms(longest, priority, repeat, request -> step.apply(costs.apply(request)));
  }

  Duration longest() {
    return longest;
  }

  Priority priority() {
    return priority;
  }

  CheckRequest costing(CheckRequest request) {
    return costs.apply(request);
  }

  boolean mayRepeatAfter(Outcome outcome) {
    return switch (outcome) {
      case REFUSED -> repeat != Repeat.NEVER;
      case UNAVAILABLE -> repeat == Repeat.UNAVAILABLE;
      case ANSWERED, FAILED -> false;
    };
  }
}
