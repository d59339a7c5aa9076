package io.limiter.server.decide;

import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;

/**
 * A question on its way: what it asks of the counters, and what their answer says to it.
 *
 * @param <T> what the caller is told
 */
interface Question<T> {

  /** Whether nothing is limited, so that there is nothing to ask. */
  boolean isFree();

  /** What the caller of a free question is told. */
  T freeVerdict();

  /** What is asked, unless it is free. */
  Charge charge();

  /**
   * What the caller is told.
   *
   * @throws DecisionException when the answer says that the question contradicts an earlier one
   */
  T verdict(Answer answer);

  /** The answer as a whole. */
  Verdict whole(T verdict);
}
