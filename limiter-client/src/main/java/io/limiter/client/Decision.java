package io.limiter.client;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The answer to a {@link CheckRequest}. */
public sealed interface Decision {

  /** Whether the request may go ahead. */
  boolean allowed();

  /**
   * Every enforced rule admitted, and all of them were charged.
   *
   * @param source what decided
   * @param statuses one for each rule that applied, in the domain's order
   * @param delay wait this long before going ahead; zero unless a leaky bucket says otherwise
   * @param receipt for giving the charge back, if asked for and if anything was charged
   */
  record Admitted(
      Source source, List<RuleStatus> statuses, Duration delay, Optional<Receipt> receipt)
      implements Decision {
    public Admitted {
      statuses = List.copyOf(statuses);
    }

    @Override
    public boolean allowed() {
      return true;
    }
  }

  /**
   * At least one enforced rule denied, and nothing was charged.
   *
   * @param source what decided
   * @param statuses one for each rule that applied, in the domain's order
   * @param retryAfter when the same question would be admitted if nothing else came, rounded up;
   *     empty if never
   */
  record Denied(Source source, List<RuleStatus> statuses, Optional<Duration> retryAfter)
      implements Decision {
    public Denied {
      statuses = List.copyOf(statuses);
    }

    @Override
    public boolean allowed() {
      return false;
    }
  }

  /**
   * No answer came from the service. This one is the client's own, by {@link OnUnreachable}. It is
   * not known whether anything was charged.
   *
   * @param allowed true under {@link OnUnreachable#OPEN}
   * @param cause why there is no answer
   */
  record Unreachable(boolean allowed, UnreachableException cause) implements Decision {}

  /**
   * An entry of a batch that is wrong in itself: the service will never decide it. The other
   * entries are decided all the same. Outside of a batch the cause is thrown.
   *
   * @param cause what is wrong with it
   */
  record Invalid(LimiterException cause) implements Decision {

    /** False, whatever {@link OnUnreachable} says: a mistake must not open the gate. */
    @Override
    public boolean allowed() {
      return false;
    }
  }
}
