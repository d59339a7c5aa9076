package io.limiter.server.decide;

import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;

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

  /** The verdict on the question as a whole. */
  Verdict whole(T verdict);

  /** Whether its rules came with it. */
  default boolean isInline() {
    return false;
  }
}
