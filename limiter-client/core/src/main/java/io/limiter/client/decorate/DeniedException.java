package io.limiter.client.decorate;

import io.limiter.client.Decision;
import io.limiter.client.RuleStatus;
import java.time.Duration;
import java.util.Optional;

/**
 * A call did not go ahead: a rule denied it, its turn comes too late, or no answer came and {@link
 * io.limiter.client.OnUnreachable#CLOSED} is in force. Carries no stack trace: under load there are
 * many.
 */
public final class DeniedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Decision decision;

  /**
   * By a decision.
   *
   * @param decision one that does not allow the call
   * @throws IllegalArgumentException if it does
   */
  public DeniedException(Decision decision) {
    super(message(decision), decision.failure().orElse(null), false, false);
    this.decision = decision;
  }

  /** Why. */
  public Decision decision() {
    return decision;
  }

  /** When to try again; empty if never. */
  public Optional<Duration> retryAfter() {
    return decision.retryAfter();
  }

  private static String message(Decision decision) {
    if (decision.allowed()) {
      throw new IllegalArgumentException("the decision allows the call; let it go ahead");
    }
    if (decision.failure().isPresent()) {
      return "not allowed: the rate-limit service gave no answer";
    }
    if (isTooLate(decision)) {
      return "its turn comes after %s, which is too late".formatted(decision.retryAfter().get());
    }
    String by =
        decision
            .strictest()
            .filter(status -> !status.allowed())
            .map(RuleStatus::rule)
            .map(rule -> " by rule \"" + rule + "\"")
            .orElse("");
    return decision
        .retryAfter()
        .map(wait -> "denied%s; try again after %s".formatted(by, wait))
        .orElse("denied%s; trying again is of no use".formatted(by));
  }

  /** No rule denied it: a leaky bucket has room, but the call would not wait so long. */
  private static boolean isTooLate(Decision decision) {
    return decision.retryAfter().isPresent()
        && decision.strictest().filter(RuleStatus::allowed).isPresent();
  }
}
