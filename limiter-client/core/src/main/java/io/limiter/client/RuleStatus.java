package io.limiter.client;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What one rule said.
 *
 * @param rule its name
 * @param algorithm how it counts
 * @param unit what it counts; empty for requests
 * @param shadow whether it was only evaluated: its denial denies nothing
 * @param candidate whether this is not the rule itself, but numbers that are tried out beside it.
 *     Then shadow is true as well
 * @param quota where its counter stands
 * @param outcome whether it admitted
 */
public record RuleStatus(
    String rule,
    Algorithm algorithm,
    String unit,
    boolean shadow,
    boolean candidate,
    Quota quota,
    Outcome outcome) {

  /** Whether this rule's denial denies the request. */
  public boolean enforced() {
    return !shadow;
  }

  /** Whether this rule admits. */
  public boolean allowed() {
    return outcome instanceof Admits;
  }

  /** Whether the cost is more than the rule could ever admit. */
  public boolean never() {
    return outcome instanceof NeverAdmits;
  }

  /**
   * When it would admit, if nothing else came; empty when it admits, if it never does, and if no
   * wait helps.
   */
  public Optional<Duration> retryAfter() {
    return outcome instanceof Denies denies ? Optional.of(denies.retryAfter()) : Optional.empty();
  }

  /** What could still be charged now, in the rule's unit, rounded down. */
  public long remaining() {
    return quota.remaining();
  }

  /** The part of what is used that is in holds which have not ended, in the rule's unit. */
  public long held() {
    return quota.unsettled.held;
  }

  /** How far settlements have put the counter above its limit, in the rule's unit. */
  public long owed() {
    return quota.unsettled.owed;
  }

  /**
   * The cost that the question named, in the rule's unit and rounded up, where the service held
   * another in its place by what earlier guesses came to; else 0.
   */
  public long guessed() {
    return quota.unsettled.guessed;
  }

  /** What it held in its place, likewise; else 0. */
  public long estimated() {
    return quota.unsettled.estimated;
  }

  /** The enforced one to go by; of equally strict ones the first. */
  static Optional<RuleStatus> strictest(List<RuleStatus> statuses) {
    RuleStatus strictest = null;
    for (RuleStatus status : statuses) {
      if (status.enforced() && (strictest == null || status.isStricterThan(strictest))) {
        strictest = status;
      }
    }
    return Optional.ofNullable(strictest);
  }

  /**
   * Whether a caller should go by this status rather than by the other, if both are enforced: by
   * what denies, then by the longest wait or by the least that remains.
   */
  public boolean isStricterThan(RuleStatus other) {
    if (allowed() != other.allowed()) {
      return !allowed();
    }
    return allowed() ? remaining() < other.remaining() : waits().compareTo(other.waits()) > 0;
  }

  private Duration waits() {
    return retryAfter().orElse(Duration.ofSeconds(Long.MAX_VALUE));
  }

  /**
   * Where a rule's counter stands after the decision.
   *
   * @param limit the most cost per {@code window}, or the bucket's capacity
   * @param remaining what could still be charged now, rounded down
   * @param resetAfter until the counter is as new; zero if it is, and for one that never resets
   * @param window the rule's window, or the time its bucket takes to fill or drain; zero if it has
   *     no end
   * @param softBasisPoints the highest of the rule's soft limits that is reached, in hundredths of
   *     a percent of its limit; 0 if none is, or if the shared counter was not asked
   * @param softCrossed whether this question is the one that reached it. Of all that are asked,
   *     through every instance, one is told so each time that the counter reaches it
   * @param unsettled what of it is held, and what is owed
   */
  public record Quota(
      long limit,
      long remaining,
      Duration resetAfter,
      Duration window,
      int softBasisPoints,
      boolean softCrossed,
      Unsettled unsettled) {

    /** One of which nothing is held and nothing is owed. */
    public Quota(
        long limit,
        long remaining,
        Duration resetAfter,
        Duration window,
        int softBasisPoints,
        boolean softCrossed) {
      this(limit, remaining, resetAfter, window, softBasisPoints, softCrossed, new Unsettled(0, 0));
    }

    /** One that has reached no soft limit, likewise. */
    public Quota(long limit, long remaining, Duration resetAfter, Duration window) {
      this(limit, remaining, resetAfter, window, 0, false);
    }
  }

  /**
   * What holds do to a counter, in the rule's unit.
   *
   * @param held the part of what is used that is in holds which have not ended; 0 or more
   * @param owed how far settlements have put the counter above its limit; 0 or more
   * @param guessed the cost that the question named, where another is held in its place; else 0
   * @param estimated what is held in its place, 1 to {@code guessed}; else 0
   */
  public record Unsettled(long held, long owed, long guessed, long estimated) {
    /** One whose cost is as the question named it. */
    public Unsettled(long held, long owed) {
      this(held, owed, 0, 0);
    }
  }

  /** Whether a rule admitted the question. */
  public sealed interface Outcome {}

  /** It admits. */
  public record Admits() implements Outcome {}

  /**
   * It does not admit now.
   *
   * @param retryAfter when it would, if nothing else came; rounded up
   */
  public record Denies(Duration retryAfter) implements Outcome {}

  /** It does not admit, and no wait helps: a balance that never resets is used up. */
  public record Exhausted() implements Outcome {}

  /** It never admits: the cost is more than the rule could ever admit. */
  public record NeverAdmits() implements Outcome {}
}
