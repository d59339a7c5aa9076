package io.limiter.server.store;

import java.util.List;

/**
 * Hears of counters that were given something back to, by whichever instance: a denial of then may
 * be over. Must be quick and must not throw; called by any thread.
 */
public interface CreditListener {
  /** Hears nothing. */
  CreditListener NONE =
      new CreditListener() {
        @Override
        public void credited(List<String> keys) {}

        @Override
        public void missedSome() {}
      };

  /**
   * Counters were reset, or given something back to.
   *
   * @param keys their Redis keys
   */
  void credited(List<String> keys);

  /** Any counter may have been: for a while nothing was heard. */
  void missedSome();
}
