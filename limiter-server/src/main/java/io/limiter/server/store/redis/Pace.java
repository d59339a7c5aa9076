package io.limiter.server.store.redis;

/**
 * How fast Redis serves the queue at present. It is learnt while batches leave full: so it says
 * nothing of a Redis that has less to do than it can.
 *
 * <p>Averages follow the last batches, so that they forget a pause within milliseconds. Its fields
 * may be written by two threads at a time; what one of them learns is then lost, and no harm.
 */
final class Pace {
  /** The weight of the newest batch, as a power of 2. */
  private static final int SHIFT = 3;

  private volatile long costOfBatch;
  private volatile long nanosOfBatch;

  /** When the time that the next batch takes began. */
  private volatile long sinceNanos;

  /** A batch leaves while none is in flight. */
  void starts(long nowNanos) {
    sinceNanos = nowNanos;
  }

  /** A full batch has left. */
  void full(int cost) {
    costOfBatch = average(costOfBatch, cost);
  }

  /**
   * A batch has landed.
   *
   * @param more whether others have waited meanwhile
   */
  void landed(long nowNanos, boolean more) {
    if (more) {
      nanosOfBatch = average(nanosOfBatch, nowNanos - sinceNanos);
    }
    sinceNanos = nowNanos;
  }

  private static long average(long before, long now) {
    return before == 0 ? now : before + ((now - before) >> SHIFT);
  }

  /**
   * How long what costs so much takes; 0 if it is less than a batch, and while nothing is known.
   */
  long nanos(int cost) {
    long batch = costOfBatch;
    return batch == 0 ? 0 : cost / batch * nanosOfBatch;
  }
}
