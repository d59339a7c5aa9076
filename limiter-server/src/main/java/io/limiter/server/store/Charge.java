package io.limiter.server.store;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.LeaseTerms;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Role;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One question to the counters, decided whole: admitted if every enforced entry admits and, where
 * there are quota entries, at least one of these does. Only then are its entries charged, as far as
 * they admit.
 *
 * @param entries the counters, each at most once unless denials are counted; a candidate stands
 *     right behind the entry that it would replace
 * @param countDenied whether every entry is charged whatever the others say, beyond its limit too,
 *     as Envoy's own rate-limit service counts. Fixed windows only; without receipt and idempotency
 * @param wantReceipt whether a record is to be kept by which the charge can be given back
 * @param idempotency how a repetition of the question is recognised, if the caller gave a key
 */
public record Charge(
    List<Entry> entries,
    boolean countDenied,
    boolean wantReceipt,
    @Nullable Idempotency idempotency) {

  public Charge {
    entries = List.copyOf(entries);
    if (!entries.isEmpty() && entries.get(0).role() == Role.CANDIDATE) {
      throw new IllegalArgumentException(
          "entries[0] is a candidate; put it behind the entry that it stands in for");
    }
    if (countDenied) {
      checkCountable(entries, wantReceipt, idempotency);
    } else if (entries.size() > 1) {
      checkDistinct(entries);
    }
  }

  private static void checkCountable(
      List<Entry> entries, boolean wantReceipt, @Nullable Idempotency idempotency) {
    for (int i = 0; i < entries.size(); i++) {
      if (!(entries.get(i).limit() instanceof FixedWindow)) {
        throw new IllegalArgumentException(
            "countDenied with a %s in entries[%d]; use fixed windows only"
                .formatted(entries.get(i).limit().algorithm().label(), i));
      }
    }
    if (wantReceipt) {
      throw new IllegalArgumentException(
          "countDenied with wantReceipt; give back with a cost below 0 instead");
    }
    if (idempotency != null) {
      throw new IllegalArgumentException(
          "countDenied with an idempotency key; leave one of them out");
    }
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

  /**
   * One counter and what it is asked for.
   *
   * @param key the counter's whole Redis key
   * @param cost -2^52 to 2^52; 0 looks without charging, and less than 0 gives back, down to an
   *     empty counter
   * @param lease how far ahead of need an instance may charge it; null for not at all
   */
  public record Entry(Role role, String key, Limit limit, long cost, @Nullable LeaseTerms lease) {
    /** An entry that is not leased. */
    public Entry(Role role, String key, Limit limit, long cost) {
      this(role, key, limit, cost, /* lease= */ null);
    }

    /** An enforced entry. */
    public Entry(String key, Limit limit, long cost) {
      this(Role.ENFORCED, key, limit, cost);
    }
  }

  /**
   * Whether it is one enforced entry that is charged or looked at, as most questions are, and
   * nothing is kept of it but a receipt, if one is wanted.
   */
  public boolean isPlain() {
    return entries.size() == 1
        && !countDenied
        && idempotency == null
        && entries.get(0).role() == Role.ENFORCED
        && entries.get(0).cost() >= 0;
  }

  /**
   * A question's identity.
   *
   * @param key the Redis key under which the first answer is kept for a minute
   * @param fingerprint what was asked, so that a key used again for something else is told apart
   */
  public record Idempotency(String key, String fingerprint) {}
}
