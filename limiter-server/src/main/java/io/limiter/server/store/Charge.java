package io.limiter.server.store;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.ledger.FailureMode;
import io.limiter.ledger.Holding;
import io.limiter.ledger.LeaseTerms;
import io.limiter.ledger.Ledger;
import io.limiter.ledger.Role;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One question to the counters. It is admitted if every enforced entry admits and, where there are
 * quota entries, at least one of these does.
 */
public sealed interface Charge {
  /** Of a question whose caller did not say how long an answer is of use. */
  long ANY_WAIT = Long.MAX_VALUE;

  /** The counters. What is a candidate for another, or joined to it, stands right behind it. */
  List<Entry> entries();

  /** Whether it asks one enforced entry, of which Redis keeps a counter and a receipt at most. */
  boolean isPlain();

  /** Whether Redis is to keep a record by which the charge can be refunded. */
  boolean wantReceipt();

  /**
   * How long an answer is of use from now, in nanoseconds; {@link #ANY_WAIT} if nobody said. The
   * store has bounds of its own.
   */
  long waitNanos();

  /**
   * Charged whole or not at all: only an admitted question charges its entries, as far as they
   * admit.
   *
   * @param entries each counter at most once
   * @param wantReceipt whether Redis keeps a record by which the charge can be refunded
   * @param idempotency how a repetition of the question is recognised, if the caller gave a key
   */
  record Whole(
      List<Entry> entries, boolean wantReceipt, @Nullable Idempotency idempotency, long waitNanos)
      implements Charge {
    public Whole {
      entries = List.copyOf(entries);
      checkFirst(entries);
      if (entries.size() > 1) {
        checkDistinct(entries);
      }
    }

    /** Of a caller who did not say how long it waits. */
    public Whole(List<Entry> entries, boolean wantReceipt, @Nullable Idempotency idempotency) {
      this(entries, wantReceipt, idempotency, ANY_WAIT);
    }

    /** Of which Redis keeps nothing but the counters. */
    public Whole(List<Entry> entries, long waitNanos) {
      this(entries, /* wantReceipt= */ false, /* idempotency= */ null, waitNanos);
    }

    /** The same of a caller who did not say how long it waits. */
    public Whole(List<Entry> entries) {
      this(entries, ANY_WAIT);
    }

    @Override
    public boolean isPlain() {
      return entries.size() == 1
          && idempotency == null
          && entries.get(0).role() == Role.ENFORCED
          && !entries.get(0).learns()
          && entries.get(0).holding() == null
          && !(entries.get(0).limit() instanceof Limit.Shared)
          && entries.get(0).cost() >= 0;
    }

    /** A counter asked twice would be charged for one of the two. */
    private static void checkDistinct(List<Entry> entries) {
      Set<String> keys = new HashSet<>();
      for (Entry entry : entries) {
        if (!keys.add(entry.key())) {
          throw new IllegalArgumentException(
              "entries name the counter %s twice; add their costs up".formatted(entry.key()));
        }
      }
    }
  }

  /**
   * Counts denials: every entry is charged whatever the others say, beyond its limit too, as
   * Envoy's own rate-limit service counts. A counter may be named twice.
   *
   * @param entries fixed windows only
   */
  record Counting(List<Entry> entries, long waitNanos) implements Charge {
    public Counting {
      entries = List.copyOf(entries);
      checkFirst(entries);
      for (int i = 0; i < entries.size(); i++) {
        if (!(entries.get(i).limit() instanceof FixedWindow)) {
          throw new IllegalArgumentException(
              "countDenied with a %s in entries[%d]; use fixed windows only"
                  .formatted(entries.get(i).limit().algorithm().label(), i));
        }
      }
    }

    /** Of a caller who did not say how long it waits. */
    public Counting(List<Entry> entries) {
      this(entries, ANY_WAIT);
    }

    @Override
    public boolean wantReceipt() {
      return false;
    }

    @Override
    public boolean isPlain() {
      return false;
    }
  }

  /**
   * Questions of which at most one is charged: they are asked in their order until one is admitted,
   * and those behind it are not asked.
   */
  final class Any implements Charge {
    private final List<Whole> alternatives;
    private final List<Entry> entries;

    /**
     * Alternatives.
     *
     * @param alternatives 1 or more, each with a counter. They may name the same counters. All or
     *     none have an idempotency key
     */
    public Any(List<Whole> alternatives) {
      this.alternatives = List.copyOf(alternatives);
      this.entries = this.alternatives.stream().flatMap(one -> one.entries().stream()).toList();
      if (alternatives.isEmpty()
          || alternatives.stream().anyMatch(one -> one.entries().isEmpty())) {
        throw new IllegalArgumentException(
            "of %d alternatives one asks no counter, or there is none; ask 1 or more of each"
                .formatted(alternatives.size()));
      }
    }

    /** The questions, in order of preference. */
    public List<Whole> alternatives() {
      return alternatives;
    }

    /** The counters of all of them, one question after the other. */
    @Override
    public List<Entry> entries() {
      return entries;
    }

    @Override
    public boolean isPlain() {
      return false;
    }

    @Override
    public boolean wantReceipt() {
      return alternatives.stream().anyMatch(Whole::wantReceipt);
    }

    /** The shortest of its alternatives. */
    @Override
    public long waitNanos() {
      return alternatives.stream().mapToLong(Whole::waitNanos).min().orElse(ANY_WAIT);
    }
  }

  /** Ends holds, or renews them. */
  record Ending(io.limiter.ledger.Ending asked, long waitNanos) implements Charge {
    @Override
    public List<Entry> entries() {
      return asked.holds().stream()
          .map(
              hold ->
                  new Entry(
                      Role.ENFORCED,
                      hold.key(),
                      hold.limit(),
                      hold.amount(),
                      FailureMode.LOCAL,
                      /* lease= */ null,
                      /* learns= */ false,
                      new Holding(hold.micros(), /* chargedWhenExpired= */ false)))
          .toList();
    }

    @Override
    public boolean isPlain() {
      return false;
    }

    @Override
    public boolean wantReceipt() {
      return false;
    }
  }

  private static void checkFirst(List<Entry> entries) {
    Role first = entries.isEmpty() ? Role.ENFORCED : entries.get(0).role();
    if (first == Role.CANDIDATE || first == Role.JOINED) {
      throw new IllegalArgumentException(
          "entries[0] is %s; put it behind the entry that it goes with".formatted(first.label()));
    }
  }

  /**
   * One counter and what it is asked for.
   *
   * @param key the counter's whole Redis key
   * @param cost -2^52 to 2^52; 0 looks without charging, and less than 0 gives back, down to an
   *     empty counter
   * @param onFailure what its rule answers while Redis is away
   * @param lease how far ahead of need an instance may charge it; null for not at all
   * @param learns whether it admits no more than its upstream is said to
   * @param holding how it holds; null if it has no book of holds
   */
  record Entry(
      Role role,
      String key,
      Limit limit,
      long cost,
      FailureMode onFailure,
      @Nullable LeaseTerms lease,
      boolean learns,
      @Nullable Holding holding)
      implements Ledger.Entry {

    /** An entry without holds. */
    public Entry(
        Role role,
        String key,
        Limit limit,
        long cost,
        FailureMode onFailure,
        @Nullable LeaseTerms lease,
        boolean learns) {
      this(role, key, limit, cost, onFailure, lease, learns, /* holding= */ null);
    }

    /** An entry that does not learn. */
    public Entry(
        Role role,
        String key,
        Limit limit,
        long cost,
        FailureMode onFailure,
        @Nullable LeaseTerms lease) {
      this(role, key, limit, cost, onFailure, lease, /* learns= */ false);
    }

    /** An entry that is decided locally while Redis is away. */
    public Entry(Role role, String key, Limit limit, long cost, @Nullable LeaseTerms lease) {
      this(role, key, limit, cost, FailureMode.LOCAL, lease);
    }

    /** An entry that is not leased. */
    public Entry(Role role, String key, Limit limit, long cost) {
      this(role, key, limit, cost, /* lease= */ null);
    }

    /** An enforced entry. */
    public Entry(String key, Limit limit, long cost) {
      this(Role.ENFORCED, key, limit, cost);
    }
  }

  /** Whether any counter has a book of holds. */
  default boolean hasHolds() {
    for (Entry entry : entries()) {
      if (entry.holding() != null) {
        return true;
      }
    }
    return false;
  }

  /**
   * A question's identity.
   *
   * @param key the Redis key under which the first answer is kept for a minute
   * @param fingerprint what was asked, so that a key used again for something else is told apart
   */
  record Idempotency(String key, String fingerprint) {}
}
