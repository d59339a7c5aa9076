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

  /**
   * Whether to make do with less, such as a smaller model: it was admitted, but a rule is fuller
   * than its {@code degrade-above}. False of any other answer.
   */
  default boolean degraded() {
    return false;
  }

  /**
   * By what kind of a rule it was denied; of several that denied, the one that holds longest. Empty
   * if it was not denied, if no answer came, and from a service that is older or newer than the
   * kind.
   */
  default Optional<DenialKind> kind() {
    return Optional.empty();
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

  /** By what kind of a rule a question is denied. More kinds may come. */
  enum DenialKind {
    /** There will be room again soon. */
    RATE,
    /** What a day or longer has room for is used up. */
    QUOTA,
    /** Too many at once. */
    CONCURRENCY,
    /** The cost alone is more than the rule could ever admit. */
    COST_NEVER_FITS
  }

  /**
   * Every enforced rule admitted, and all of them were charged.
   *
   * @param source what decided
   * @param statuses one for each rule that applied, in the domain's order
   * @param delay wait this long before going ahead; zero unless a leaky bucket says otherwise
   * @param receipt for giving the charge back, if asked for and if anything was charged
   * @param degraded whether to make do with less
   */
  record Admitted(
      Source source,
      List<RuleStatus> statuses,
      Duration delay,
      Optional<Receipt> receipt,
      boolean degraded)
      implements Decision {
    public Admitted {
      statuses = List.copyOf(statuses);
    }

    /** One that is not degraded. */
    public Admitted(
        Source source, List<RuleStatus> statuses, Duration delay, Optional<Receipt> receipt) {
      this(source, statuses, delay, receipt, false);
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
   * @param kind by what kind of a rule; empty if it is not known
   */
  record Denied(
      Source source,
      List<RuleStatus> statuses,
      Optional<Duration> retryAfter,
      Optional<DenialKind> kind)
      implements Decision {
    public Denied {
      statuses = List.copyOf(statuses);
    }

    /** One of a kind that is not known. */
    public Denied(Source source, List<RuleStatus> statuses, Optional<Duration> retryAfter) {
      this(source, statuses, retryAfter, Optional.empty());
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
