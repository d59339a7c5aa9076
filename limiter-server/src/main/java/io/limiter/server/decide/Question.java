package io.limiter.server.decide;

import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import java.util.List;

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

  /** Who brought rules with it. */
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
}
