package io.limiter.client;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The answer to a {@link CheckRequest}. What every kind of answer has can be asked of any of them:
 * an answer that has none of it says so, and none throws.
 */
public sealed interface Decision {

  /** Whether the request may go ahead. */
  boolean allowed();

  /** What decided. {@link Source#CLIENT} if no answer came. */
  Source source();

  /** One for each rule that applied, in the domain's order. Empty if no answer came. */
  List<RuleStatus> statuses();

  /**
   * When to ask again. Of a denial: when the same question would be admitted if nothing else came;
   * empty if never. If no answer came: when an overloaded service wants to be asked. Else empty.
   */
  Optional<Duration> retryAfter();

  /** Wait this long before going ahead; zero unless a leaky bucket says otherwise. */
  default Duration delay() {
    return Duration.ZERO;
  }

  /** For giving the charge back, if asked for and if anything was charged. */
  default Optional<Receipt> receipt() {
    return Optional.empty();
  }

  /** Why there is no answer; empty if there is one. */
  default Optional<LimiterException> failure() {
    return Optional.empty();
  }

  /** Whether the service has no rules for the domain: its name is probably misspelt. */
  default boolean unknownDomain() {
    return source() == Source.UNKNOWN_DOMAIN;
  }

  /**
   * The rule to go by, of those that are enforced: one that denies before one that admits, then the
   * one with the longest wait, or with the least that remains. Empty if none applied.
   */
  default Optional<RuleStatus> strictest() {
    return RuleStatus.strictest(statuses());
  }

  /**
   * How many requests all enforced rules together would still admit. Empty if none of them counts
   * requests, and if no answer came.
   */
  default OptionalLong remaining() {
    return remaining("");
  }

  /** The same in another unit, such as {@code tokens}. */
  default OptionalLong remaining(String unit) {
    return statuses().stream()
        .filter(status -> status.enforced() && status.unit().equals(unit))
        .mapToLong(RuleStatus::remaining)
        .min();
  }

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

    /** Empty. */
    @Override
    public Optional<Duration> retryAfter() {
      return Optional.empty();
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
  record Unreachable(boolean allowed, UnreachableException cause) implements Decision {

    @Override
    public Source source() {
      return Source.CLIENT;
    }

    @Override
    public List<RuleStatus> statuses() {
      return List.of();
    }

    @Override
    public Optional<Duration> retryAfter() {
      return cause.retryAfter();
    }

    @Override
    public Optional<LimiterException> failure() {
      return Optional.of(cause);
    }
  }

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

    @Override
    public Source source() {
      return Source.CLIENT;
    }

    @Override
    public List<RuleStatus> statuses() {
      return List.of();
    }

    @Override
    public Optional<Duration> retryAfter() {
      return Optional.empty();
    }

    @Override
    public Optional<LimiterException> failure() {
      return Optional.of(cause);
    }
  }
}
