package io.limiter.client.decorate;

import java.time.Duration;
import java.util.Optional;

/**
 * A {@link Pacer} did not make a call, for a reason of this process and not of a limit. Carries no
 * stack trace: under load there are many.
 */
public final class NotSentException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;
  private final transient Optional<Duration> retryAfter;

  /** Why. */
  public enum Reason {
    /** As many calls wait as may. */
    TOO_MANY_WAITING,
    /** The upstream failed too often in a row, and its circuit breaker is open. */
    CIRCUIT_OPEN
  }

  private NotSentException(Reason reason, Optional<Duration> retryAfter, String message) {
    super(message, null, false, false);
    this.reason = reason;
    this.retryAfter = retryAfter;
  }

  static NotSentException tooManyWaiting(int most) {
    return new NotSentException(
        Reason.TOO_MANY_WAITING,
        Optional.empty(),
        "not sent: %d calls wait for room, the bound; raise mostWaiting or send less"
            .formatted(most));
  }

  static NotSentException circuitOpen(Duration retryAfter) {
    return new NotSentException(
        Reason.CIRCUIT_OPEN,
        Optional.of(retryAfter),
        "not sent: the upstream failed too often in a row; it is tried again after " + retryAfter);
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }

  /** When the upstream is tried again; empty if that is not known. */
  public Optional<Duration> retryAfter() {
    return retryAfter;
  }
}
