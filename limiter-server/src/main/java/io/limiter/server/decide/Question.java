package io.limiter.server.decide;

import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A question in flight: what it charges, and what the store's answer means for it.
 *
 * @param <T> the verdict that its caller gets
 */
interface Question<T> {

  /** Whether no rule applies: then the store is not asked. */
  boolean isFree();

  /** The verdict on a free question. */
  T freeVerdict();

  /** What it charges, unless it is free. */
  Charge charge();

  /**
   * The verdict.
   *
   * @throws DecisionException if its idempotency key belongs to another question
   */
  T verdict(Answer answer);

  /**
   * Tells a listener of its decision.
   *
   * @param domain the domain that it is of
   */
  void tell(DecisionListener listener, String domain, T verdict, long tookNanos);

  /** Who asks. */
  default Request.Owner owner() {
    return Request.Owner.NOBODY;
  }

  /**
   * What it charges by rules that came with it.
   *
   * @param charge what it charges
   */
  default List<Charge.Entry> inline(Charge charge) {
    return List.of();
  }

  /**
   * Counts what it asks against what its owner may.
   *
   * @param charge what it charges
   * @param counters those of rules that come with questions
   * @return what it fails with if its owner asks too much now; then nothing is counted
   * @throws io.limiter.server.store.StoreException if there is no room for counters of rules that
   *     came with it; nor is anything counted then
   */
  default @Nullable RuntimeException count(Charge charge, InlineCounters counters) {
    Request.Owner owner = owner();
    int asked = charge.entries().size();
    RuntimeException tooMuch = owner.work().refusal(asked);
    if (tooMuch != null) {
      return tooMuch;
    }
    List<Charge.Entry> ofCaller = inline(charge);
    if (!ofCaller.isEmpty()) {
      try {
        counters.take(owner, ofCaller);
      } catch (RuntimeException noRoom) {
        owner.work().giveBack(asked);
        throw noRoom;
      }
    }
    return null;
  }
}
