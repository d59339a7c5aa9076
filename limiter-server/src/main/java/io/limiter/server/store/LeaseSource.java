package io.limiter.server.store;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Limit;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Prefetches from counters: charges them ahead of need. Every method is asynchronous, never blocks
 * the caller, and is safe to call from any thread. A stage that fails does so with a {@link
 * StoreException}; what it asked for may still be done, once.
 */
public interface LeaseSource {

  /**
   * Charges a counter with {@code most}, or with what remains if that is less.
   *
   * @param limit a fixed window or a token bucket
   * @param most 1 or more
   */
  CompletionStage<Prefetched> prefetch(String key, Limit limit, long most);

  /**
   * Gives back what was prefetched and not used.
   *
   * @return to how many counters something was given back
   */
  CompletionStage<Integer> returnUnused(List<Unused> unused);

  /**
   * What was charged, and what the counter said after it.
   *
   * @param tokens what was charged, 0 or more
   * @param remaining what remains
   * @param resetAfterMicros until the counter is as new if nothing else is charged
   * @param windowEndMicros of a fixed window that was charged its end, since the epoch; otherwise 0
   * @param nowMicros the time of the charge by Redis, since the epoch
   */
  record Prefetched(
      long tokens, long remaining, long resetAfterMicros, long windowEndMicros, long nowMicros) {}

  /**
   * What is to be given back.
   *
   * @param tokens 1 or more
   * @param windowEndMicros the end of the fixed window that it was charged to; 0 of a bucket
   * @param notAfterMicros the latest time by Redis at which it may be given back, since the epoch
   */
  record Unused(
      String key, Algorithm algorithm, long tokens, long windowEndMicros, long notAfterMicros) {}
}
