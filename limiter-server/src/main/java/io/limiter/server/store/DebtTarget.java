package io.limiter.server.store;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Counters that are charged afterwards. Safe to call from any thread; nothing here blocks. */
public interface DebtTarget {

  /** Where a counter is, if that answers at the moment; null if it does not. */
  @Nullable Place place(String key);

  /**
   * What may stand in one call.
   *
   * @param node who holds it; the same object for all that it holds
   * @param slot of the node
   */
  record Place(Object node, int slot) {}

  /**
   * Charges counters of one place with what they are owed, as of the times at which it was
   * admitted, as far as it still counts and there is room. Never fails, and never sends twice what
   * may have been charged.
   *
   * @return what became of each, in the order of the debts
   */
  CompletionStage<List<Paid>> settle(List<Debt> debts);

  /**
   * Whether a question about counters has one idempotency record, next to its first counter. One
   * about several places may have one in each.
   */
  boolean hasOneRecord(List<String> counters);

  /**
   * Claims questions whose records have one place. Never fails.
   *
   * @return what became of each, in the order of the claims
   */
  CompletionStage<List<Claim.Fate>> claim(List<Claim> claims);

  /**
   * What became of a debt.
   *
   * @param charged how much of it was charged
   * @param gone how much counts no more; the rest found no room
   */
  record Paid(Fate fate, long charged, long gone) {
    /** Of a debt of which nothing was charged as far as is known. */
    public Paid(Fate fate) {
      this(fate, 0, 0);
    }
  }

  /** How an attempt to settle ended. */
  enum Fate {
    /** It is settled. */
    SETTLED,
    /** Nothing was charged now; it may be sent again at once. */
    AGAIN,
    /** Nothing was charged, since Redis refuses; it may be sent again later. */
    REFUSED,
    /** It may have been charged, or not. */
    UNANSWERED,
    /** Something else is stored where the counter should be. */
    UNREADABLE
  }
}
