package io.limiter.server.store;

import io.limiter.server.key.Receipt;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * The shared counters. Every method is asynchronous, never blocks the caller, and is safe to call
 * from any thread. A stage that fails does so with a {@link StoreException}.
 */
public interface CounterStore {

  /** Decides one question and charges it if it is admitted. */
  CompletionStage<Answer> decide(Charge charge);

  /**
   * Refunds what a charge took.
   *
   * @param receipt as it came with the admission
   * @return false when it was given back before or nothing of it is left to give back
   */
  CompletionStage<Boolean> refund(Receipt receipt);

  /**
   * Takes in what an upstream said of its own limit: entries that learn hold to it from now on.
   *
   * @param keys the Redis keys of their counters
   * @return how many of them hold to it
   */
  CompletionStage<Integer> observe(List<String> keys, Observation said);

  /**
   * Forgets counters.
   *
   * @param keys their Redis keys
   * @return how many of them there were
   */
  CompletionStage<Integer> reset(List<String> keys);
}
