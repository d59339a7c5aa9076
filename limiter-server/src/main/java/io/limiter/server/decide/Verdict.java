package io.limiter.server.decide;

import io.limiter.algorithm.ConcurrencyLimit;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.Window;
import io.limiter.ledger.Held;
import io.limiter.ledger.Role;
import io.limiter.server.decide.outcome.Stricter;
import io.limiter.server.estimate.Guess;
import io.limiter.server.key.Receipt;
import io.limiter.server.rules.DenialKind;
import io.limiter.server.rules.Levels;
import io.limiter.server.rules.Rule;
import io.limiter.server.store.Source;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The decision on a {@link Request}.
 *
 * @param allowed whether it may go ahead
 * @param statuses one for each rule that applied, in the domain's order
 * @param source where the decision came from
 * @param receipt names the record for a refund; null if none was kept
 * @param nowMicros the time of the decision by Redis, in microseconds since the epoch; 0 if no
 *     counter was asked
 * @param holds names what was taken until it is settled; null if nothing was to be
 */
public record Verdict(
    boolean allowed,
    List<Status> statuses,
    Source source,
    @Nullable Receipt receipt,
    long nowMicros,
    @Nullable HoldReceipt holds) {

  private static final long DAY_MICROS = 86_400_000_000L;

  public Verdict {
    statuses = List.copyOf(statuses);
  }

  /** A decision that holds nothing. */
  public Verdict(
      boolean allowed,
      List<Status> statuses,
      Source source,
      @Nullable Receipt receipt,
      long nowMicros) {
    this(allowed, statuses, source, receipt, nowMicros, /* holds= */ null);
  }

  /** A decision for which no counter was asked. */
  public Verdict(boolean allowed, List<Status> statuses, Source source, @Nullable Receipt receipt) {
    this(allowed, statuses, source, receipt, 0, /* holds= */ null);
  }

  /** Whether nobody wrote rules for the question's domain. */
  public boolean ofUnknownDomain() {
    return source == Source.UNKNOWN_DOMAIN;
  }

  /**
   * The outcome of one rule.
   *
   * @param role the rule's role for this key; a rule in rollout is enforced for some keys only
   * @param windowMicros the rule's window at the time of the decision, or the time its bucket takes
   *     to fill or drain
   * @param level how full its counter is
   * @param held what its counter holds
   * @param guess what the request holds of it in place of what its caller guessed
   */
  public record Status(
      Rule rule,
      Role role,
      Outcome outcome,
      long windowMicros,
      Levels.Level level,
      Held held,
      Guess guess) {

    /** Of a rule that holds nothing. */
    public Status(Rule rule, Role role, Outcome outcome, long windowMicros, Levels.Level level) {
      this(rule, role, outcome, windowMicros, level, Held.NONE, Guess.NONE);
    }

    /** Of a rule that does not tell how full its counter is. */
    public Status(Rule rule, Role role, Outcome outcome, long windowMicros) {
      this(rule, role, outcome, windowMicros, Levels.Level.NONE);
    }

    /** The same, held to what another counter of the rule said as well. */
    Status stricter(Status other) {
      return new Status(
          rule,
          role,
          Stricter.of(outcome, other.outcome),
          windowMicros,
          level,
          Stricter.of(held, other.held),
          guess);
    }

    /** The most that can be used at once, in whole units. */
    public long limit() {
      return rule.limit().limit() / rule.tariff().scale();
    }

    /** The sum of what is held, in whole units, rounded up. */
    public long heldUnits() {
      return wholeUnits(held.held());
    }

    /** How far settlements have put the counter above its limit, in whole units, rounded up. */
    public long owedUnits() {
      return wholeUnits(held.owed());
    }

    /** What the caller guessed where another cost is held, in whole units, rounded up; else 0. */
    public long guessedUnits() {
      return guess.isCorrected() ? wholeUnits(guess.guessed()) : 0;
    }

    /** What is held in its place, in whole units, rounded up; else 0. */
    public long estimatedUnits() {
      return guess.isCorrected() ? wholeUnits(guess.held()) : 0;
    }

    private long wholeUnits(long parts) {
      long scale = rule.tariff().scale();
      return (parts + scale - 1) / scale;
    }

    /** What could still be charged, in whole units, rounded down. */
    public long remaining() {
      return outcome.remaining() / rule.tariff().scale();
    }

    /** Whether what was charged comes free by itself, sooner or later. */
    public boolean resets() {
      return !(rule.limit() instanceof FixedWindow fixed) || fixed.resets();
    }

    /** When it would admit the same request; empty if it admits, and if no wait helps. */
    public OptionalLong retryAfterMicros() {
      return outcome instanceof Outcome.Denied denied && resets()
          ? OptionalLong.of(denied.retryAfterMicros())
          : OptionalLong.empty();
    }

    /** What kind of a limit it denies by, if it does. */
    public DenialKind kind() {
      if (outcome instanceof Outcome.Never) {
        return DenialKind.NEVER;
      }
      if (rule.limit() instanceof ConcurrencyLimit) {
        return DenialKind.CONCURRENCY;
      }
      boolean quota =
          role == Role.QUOTA
              || (rule.limit() instanceof FixedWindow fixed
                  && (fixed.window() instanceof Window.Calendar || windowMicros >= DAY_MICROS));
      return quota ? DenialKind.QUOTA : DenialKind.RATE;
    }

    /** Whether this rule's denial denies the request. */
    public boolean enforced() {
      return role == Role.ENFORCED;
    }

    /** Whether this rule's denial can deny the request, alone or with other quotas. */
    public boolean canDeny() {
      return role.canDeny();
    }

    /** Whether it denies, and its denial can deny the request. */
    public boolean denies() {
      return canDeny() && !outcome.admits();
    }

    /**
     * Whether a client should go by this status rather than by the other: first by what can deny,
     * then by what denies, then by the longest wait or by the least that remains.
     */
    public boolean isStricterThan(Status other) {
      if (canDeny() != other.canDeny()) {
        return canDeny();
      }
      if (denies() != other.denies()) {
        return denies();
      }
      return denies() ? waitMicros() > other.waitMicros() : remaining() < other.remaining();
    }

    private long waitMicros() {
      return retryAfterMicros().orElse(Long.MAX_VALUE);
    }

    /**
     * Whole seconds until there is more: to the end of a fixed window; else until a denied request
     * is admitted, since Envoy makes its own Retry-After of this; else until the counter is as new.
     * Of no meaning where nothing {@link #resets}.
     *
     * @param nowMicros the time of the decision by Redis, in microseconds since the epoch
     */
    public long secondsUntilReset(long nowMicros) {
      return wholeSeconds(microsUntilReset(nowMicros));
    }

    /** The same in microseconds. */
    public long microsUntilReset(long nowMicros) {
      if (rule.limit() instanceof FixedWindow fixed) {
        return fixed.window().endOf(nowMicros) - nowMicros;
      }
      return outcome instanceof Outcome.Denied denied
          ? denied.retryAfterMicros()
          : outcome.resetAfterMicros();
    }
  }

  /**
   * When the same request would be admitted if nothing else came: the longest wait of the enforced
   * rules that denied it, and the shortest of the quotas if these denied it. Empty when it was
   * allowed, and when a rule can never admit it, or not by waiting.
   */
  public OptionalLong retryAfterMicros() {
    long longest = 0;
    long shortestQuota = Long.MAX_VALUE;
    if (allowed) {
      return OptionalLong.empty();
    }
    for (Status status : statuses) {
      OptionalLong wait = status.retryAfterMicros();
      if (status.enforced() && !status.outcome().admits() && wait.isEmpty()) {
        return OptionalLong.empty();
      }
      if (wait.isPresent() && status.enforced()) {
        longest = Math.max(longest, wait.getAsLong());
      } else if (wait.isPresent() && status.role() == Role.QUOTA) {
        shortestQuota = Math.min(shortestQuota, wait.getAsLong());
      }
    }
    if (shortestQuota != Long.MAX_VALUE && quotasDeny()) {
      longest = Math.max(longest, shortestQuota);
    }
    return longest == 0 ? OptionalLong.empty() : OptionalLong.of(longest);
  }

  private boolean quotasDeny() {
    return statuses.stream()
        .filter(status -> status.role() == Role.QUOTA)
        .noneMatch(status -> status.outcome().admits());
  }

  /** Whether it is admitted, and better made do with less: a rule that can deny says so. */
  public boolean degrades() {
    return allowed
        && statuses.stream().anyMatch(status -> status.canDeny() && status.level().degrade());
  }

  /** What denies, if it is denied: the kind of the rule that holds longest. */
  public Optional<DenialKind> kind() {
    Status strictest = allowed ? null : strictest(statuses);
    return strictest == null || !strictest.denies()
        ? Optional.empty()
        : Optional.of(strictest.kind());
  }

  /** The status that a client should go by; of equally strict ones the first. Null if none. */
  public static @Nullable Status strictest(Iterable<Status> statuses) {
    Status strictest = null;
    for (Status status : statuses) {
      if (strictest == null || status.isStricterThan(strictest)) {
        strictest = status;
      }
    }
    return strictest;
  }

  /** Whole seconds, rounded up: who waits that long has waited long enough. */
  public static long wholeSeconds(long micros) {
    return (micros + 999_999) / 1_000_000;
  }

  /** How long to wait before going ahead: the longest delay of the enforced leaky buckets. */
  public long delayMicros() {
    long longest = 0;
    for (Status status : statuses) {
      if (allowed && status.enforced() && status.outcome() instanceof Outcome.Admitted admitted) {
        longest = Math.max(longest, admitted.delayMicros());
      }
    }
    return longest;
  }
}
