package io.limiter.server.rules;

import io.limiter.algorithm.ConcurrencyLimit;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.ledger.FailureMode;
import io.limiter.ledger.Holding;
import io.limiter.ledger.LeaseTerms;
import io.limiter.ledger.Role;
import io.limiter.server.key.CounterKeys;
import io.limiter.server.key.CounterOwner;
import io.limiter.server.key.Keying;
import io.limiter.server.key.SeededHash;
import io.limiter.server.key.ValueHash;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One rule of a domain, as it is enforced for a request: an override has been applied already.
 *
 * @param name unique in its domain; part of the counter's key
 * @param key the attributes whose values make the counter's key; empty = one counter for all
 * @param limit what is counted and how
 * @param mode whether a denial counts
 * @param tariff what is charged for a request
 * @param keying how the values of {@code key} become part of the counter's key
 * @param sharing how instances and callers share the counter
 */
public record Rule(
    String name,
    List<String> key,
    Limit limit,
    Mode mode,
    Tariff tariff,
    Keying keying,
    Sharing sharing)
    implements CounterOwner {

  public Rule {
    key = List.copyOf(key);
  }

  /** A rule that is charged one amount of a request, as the request names it. */
  public Rule(
      String name,
      List<String> key,
      Limit limit,
      Mode mode,
      String unit,
      Keying keying,
      Sharing sharing) {
    this(name, key, limit, mode, new Tariff(unit), keying, sharing);
  }

  /** The same, of a rule whose every question goes to Redis. */
  public Rule(
      String name,
      List<String> key,
      Limit limit,
      Mode mode,
      String unit,
      Keying keying,
      FailureMode onFailure) {
    this(
        name,
        key,
        limit,
        mode,
        unit,
        keying,
        new Sharing(onFailure, /* lease= */ null, /* retrySpread= */ 0, /* learns= */ false));
  }

  /**
   * A limit in Envoy's terms, with one counter for all.
   *
   * @param requestsPerUnit for each period; 0 to 2^32 - 1
   */
  public static Rule perUnit(String name, RatePeriod period, long requestsPerUnit, Mode mode) {
    return new Rule(
        name,
        List.of(),
        FixedWindow.per(period.micros(), requestsPerUnit),
        mode,
        /* unit= */ "",
        Keying.PLAIN,
        FailureMode.LOCAL);
  }

  /** By the name alone, which a file chooses: no file can make many rules of one hash. */
  @Override
  public int hashCode() {
    return SeededHash.of(name);
  }

  /** The same rule, with what a request of a priority may fill for its limit. */
  public Rule forPriority(String priority) {
    return hasPriorities()
        ? new Rule(
            name, key, limit.upTo(sharing.levels().most(priority)), mode, tariff, keying, sharing)
        : this;
  }

  /** Whether it matters of which priority a request is. */
  public boolean hasPriorities() {
    return !sharing.levels().priorities().isEmpty();
  }

  /** The same rule under another name. */
  public Rule named(String other) {
    return new Rule(other, key, limit, mode, tariff, keying, sharing);
  }

  /** The same rule, charged by another tariff for the same unit. */
  public Rule charging(Tariff other) {
    return new Rule(name, key, limit, mode, other, keying, sharing);
  }

  /** What it counts; empty for requests. */
  public String unit() {
    return tariff.unit();
  }

  @Override
  public boolean countsMillionths() {
    return tariff.isWeighted();
  }

  @Override
  public boolean isCandidate() {
    return mode.role() == Role.CANDIDATE;
  }

  /** Whether it holds to what an upstream is said to admit as well. */
  public boolean learns() {
    return sharing.learns();
  }

  /** How long what it is charged may be held, and what follows then; null if it holds nothing. */
  public @Nullable Holding holding() {
    return limit instanceof ConcurrencyLimit concurrency
        ? new Holding(concurrency.holdMicros(), /* chargedWhenExpired= */ false)
        : sharing.holding();
  }

  /**
   * Its limit as a request sees it: where tenants share it, as that of their tenant.
   *
   * @param values how a tenant that is a secret is hashed
   * @param attributes of the request, which the rule applies to
   */
  public Limit limitFor(ValueHash values, Map<String, String> attributes) {
    TenantShare share = sharing.share();
    return share == null ? limit : share.of(limit, keying, values, attributes);
  }

  /** Its role for the key of a request. A rule in rollout is enforced for some keys only. */
  public Role roleFor(String domain, Map<String, String> attributes) {
    return mode.isPartial() && CounterKeys.share(domain, this, attributes) >= mode.basisPoints()
        ? Role.SHADOW
        : mode.role();
  }

  /** Whether tenants share its counters. */
  public boolean isShared() {
    return sharing.share() != null;
  }

  /** Whether it holds less than is guessed where less was used of earlier guesses. */
  public boolean estimates() {
    return sharing.estimate() > 0 && !(limit instanceof ConcurrencyLimit);
  }

  /** Its limit in words, what is charged to it and held of it, and how tenants share it. */
  public String limitText() {
    TenantShare share = sharing.share();
    return LimitSyntax.text(this)
        + (tariff.isWeighted() ? ", charge " + tariff.text() : "")
        + (estimates() ? ", estimate p" + sharing.estimate() : "")
        + (share == null ? "" : ", " + share.text());
  }

  /** What to answer when Redis cannot be asked. */
  public FailureMode onFailure() {
    return sharing.onFailure();
  }

  /**
   * What a rule's denial does. A rule that is off is not in the table at all.
   *
   * @param basisPoints of all keys, in hundredths of a percent, the share that an enforced rule is
   *     enforced for: 0 to 10000; 10000 for the other roles. For the other keys it is a shadow rule
   */
  public record Mode(Role role, int basisPoints) {
    /** Every key, in basis points. */
    public static final int ALL = CounterKeys.SHARES;

    /** Its denial denies the request. */
    public static final Mode ENFORCE = new Mode(Role.ENFORCED, ALL);

    /** Its denial is reported. */
    public static final Mode SHADOW = new Mode(Role.SHADOW, ALL);

    /** Its denial denies the request if every other quota denies it too. */
    public static final Mode QUOTA = new Mode(Role.QUOTA, ALL);

    /** Other numbers for the rule before it, tried out on the same requests. */
    public static final Mode CANDIDATE = new Mode(Role.CANDIDATE, ALL);

    /** An enforced rule that is being rolled out: enforced for a share of the keys. */
    public static Mode enforcedFor(int basisPoints) {
      return new Mode(Role.ENFORCED, basisPoints);
    }

    /** Whether it depends on the key what the rule does. */
    public boolean isPartial() {
      return basisPoints < ALL;
    }
  }

  /**
   * How instances and callers share a counter.
   *
   * @param onFailure what to answer when Redis cannot be asked
   * @param lease how far ahead of need each may charge it; null for not at all
   * @param retrySpread how much longer a denied caller may be told to wait, at random, so that not
   *     all who are denied come back at once: of the wait, in basis points, 0 to 10000
   * @param learns whether it holds to what an upstream is said to admit as well
   * @param levels how much of it who may fill
   * @param holding how long what it is charged may be held at most; null for not at all
   * @param share how tenants share it; null for a counter that is not shared
   * @param estimate what is held of a guess: this quantile of the shares that were used of earlier
   *     ones, in percent; 0 for the guess itself
   */
  public record Sharing(
      FailureMode onFailure,
      @Nullable LeaseTerms lease,
      int retrySpread,
      boolean learns,
      Levels levels,
      @Nullable Holding holding,
      @Nullable TenantShare share,
      int estimate) {

    /** Without holds and tenants. */
    public Sharing(
        FailureMode onFailure,
        @Nullable LeaseTerms lease,
        int retrySpread,
        boolean learns,
        Levels levels) {
      this(
          onFailure,
          lease,
          retrySpread,
          learns,
          levels,
          /* holding= */ null,
          /* share= */ null,
          /* estimate= */ 0);
    }

    /** For all alike. */
    public Sharing(
        FailureMode onFailure, @Nullable LeaseTerms lease, int retrySpread, boolean learns) {
      this(onFailure, lease, retrySpread, learns, Levels.NONE);
    }
  }
}
