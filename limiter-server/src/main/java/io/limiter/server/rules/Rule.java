package io.limiter.server.rules;

import io.limiter.algorithm.Limit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One rule of a domain, as it is enforced for a request: an override has been applied already.
 *
 * @param name unique in its domain; part of the counter's key
 * @param key the attributes whose values make the counter's key; empty = one counter for all
 * @param limit what is counted and how
 * @param mode whether a denial counts
 * @param unit the unit that is charged; empty for requests
 * @param keying how the values of {@code key} become part of the counter's key
 * @param sharing how instances share the counter
 */
public record Rule(
    String name,
    List<String> key,
    Limit limit,
    Mode mode,
    String unit,
    Keying keying,
    Sharing sharing) {

  public Rule {
    key = List.copyOf(key);
  }

  /** A rule whose every question goes to Redis. */
  public Rule(
      String name,
      List<String> key,
      Limit limit,
      Mode mode,
      String unit,
      Keying keying,
      OnRedisFailure onRedisFailure) {
    this(name, key, limit, mode, unit, keying, new Sharing(onRedisFailure, /* lease= */ null));
  }

  /** What to answer when Redis cannot be asked. */
  public OnRedisFailure onRedisFailure() {
    return sharing.onRedisFailure();
  }

  /**
   * What a rule's denial does. A rule that is off is not in the table at all.
   *
   * @param basisPoints of all keys, in hundredths of a percent, the share that an enforced rule is
   *     enforced for: 0 to 10000; 10000 for the other kinds. For the other keys it is a shadow rule
   */
  public record Mode(Kind kind, int basisPoints) {
    /** Every key, in basis points. */
    public static final int ALL = 10_000;

    /** Its denial denies the request. */
    public static final Mode ENFORCE = new Mode(Kind.ENFORCE, ALL);

    /** Its denial is reported. */
    public static final Mode SHADOW = new Mode(Kind.SHADOW, ALL);

    /** Its denial denies the request if every other quota denies it too. */
    public static final Mode QUOTA = new Mode(Kind.QUOTA, ALL);

    /** Other numbers for the rule before it, tried out on the same requests. */
    public static final Mode CANDIDATE = new Mode(Kind.CANDIDATE, ALL);

    /** How a rule, or what it does for one key, is called. */
    public enum Kind {
      ENFORCE,
      SHADOW,
      QUOTA,
      CANDIDATE
    }

    /** An enforced rule that is being rolled out: enforced for a share of the keys. */
    public static Mode enforcedFor(int basisPoints) {
      return new Mode(Kind.ENFORCE, basisPoints);
    }

    /** Whether it depends on the key what the rule does. */
    public boolean isPartial() {
      return basisPoints < ALL;
    }
  }

  /**
   * How instances share a counter.
   *
   * @param onRedisFailure what to answer when Redis cannot be asked
   * @param lease how far ahead of need each may charge it; null for not at all
   */
  public record Sharing(OnRedisFailure onRedisFailure, @Nullable LeaseTerms lease) {}

  /** What a request gets when the shared counters cannot be asked. */
  public enum OnRedisFailure {
    OPEN,
    CLOSED,
    LOCAL
  }

  /**
   * How attribute values are written into a counter's key.
   *
   * @param hash whether every value is replaced by its hash, because it is a secret
   * @param ipv4Prefix the bits of an IPv4 address that count, 0 to 32
   * @param ipv6Prefix the bits of an IPv6 address that count, 0 to 128
   * @param named whether the attributes' names are written too: for a caller's own rules, where the
   *     same name may come with another key
   */
  public record Keying(boolean hash, int ipv4Prefix, int ipv6Prefix, boolean named) {
    /** Values as they are; an IPv6 address counts as its /64. */
    public static final Keying PLAIN = new Keying(false, 32, 64, false);

    /** The same, for a rule that comes with a request. */
    public static final Keying INLINE = new Keying(false, 32, 64, true);
  }
}
