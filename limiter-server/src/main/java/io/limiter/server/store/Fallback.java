package io.limiter.server.store;

import org.jspecify.annotations.Nullable;

/** Answers in the place of shared counters that cannot be asked. Safe to call from any thread. */
public interface Fallback {
  /** Has no answer. */
  Fallback NONE = (charge, failure) -> null;

  /**
   * The answer to a question that the counters did not decide. Comes at once.
   *
   * @return null if the question fails: somebody has to mend what is wrong, or ask later
   */
  @Nullable Answer answer(Charge charge, StoreException failure);

  /**
   * Ends holds that were taken here, in the place of shared counters, or renews them.
   *
   * @return null if they were not
   */
  default @Nullable Answer ended(Charge.Ending ending) {
    return null;
  }

  /** Whether it answers what the service has no time for, too. */
  default boolean answersOverload() {
    return false;
  }
}
