package io.limiter.algorithm;

import java.util.List;

/**
 * Leaky bucket as a queue: holds up to {@code capacity}, drained continuously at {@code rate} per
 * period; a cost c is admitted when the queue has room for it, and goes ahead when what was in the
 * queue before it has drained ({@code delay}). What passes is evenly spaced; bursts wait.
 *
 * <p>Source: J. Turner, "New directions in communications", IEEE Communications Magazine 24 (1986).
 *
 * @param bucket its numbers
 */
public record LeakyBucket(Bucket bucket) implements Limit {

  /**
   * A bucket of the given numbers.
   *
   * @param rate what drains per period, 1 to 2^52
   * @param periodMicros the period, 1 ms to 366 days
   * @param capacity the most that the queue holds, 0 (nothing passes) to 2^52; times the reduced
   *     period no more than 2^52
   * @throws LimitOutOfBoundsException when a number is out of its range
   */
  public static LeakyBucket of(long rate, long periodMicros, long capacity) {
    return new LeakyBucket(Bucket.of(rate, periodMicros, capacity));
  }

  @Override
  public Algorithm algorithm() {
    return Algorithm.LEAKY_BUCKET;
  }

  @Override
  public long limit() {
    return bucket.capacity();
  }

  @Override
  public long windowMicros(long nowMicros) {
    return bucket.wholeMicros();
  }

  @Override
  public LimitRow row(long aroundMicros) {
    return bucket.row(algorithm());
  }

  @Override
  public void identify(Identity out) {
    bucket.identify(out);
  }

  @Override
  public LeakyBucket share(int instances) {
    return new LeakyBucket(bucket.share(instances));
  }

  @Override
  public LeakyBucket upTo(long most) {
    return new LeakyBucket(bucket.upTo(most));
  }

  @Override
  public Step decide(CounterState before, long cost, long nowMicros) {
    return bucket.decide(before, true, cost, nowMicros);
  }

  @Override
  public Step credit(CounterState before, long cost, long nowMicros) {
    return Step.credited(this, bucket.credit(before, cost, nowMicros), nowMicros);
  }

  @Override
  public Settled settle(CounterState before, List<Owed> owed, long nowMicros) {
    return bucket.settle(before, owed, nowMicros);
  }

  @Override
  public Step overcharge(CounterState before, long cost, long nowMicros) {
    LeakyBucket widest = new LeakyBucket(bucket.widest());
    return Step.overcharged(this, widest, before, cost, nowMicros);
  }

  @Override
  public long owed(CounterState state, long nowMicros) {
    return bucket.owed(state, nowMicros);
  }

  @Override
  public Outcome.Admitted dealt(Outcome.Admitted all, long inUse, long cost, int index, int count) {
    return bucket.dealt(all, true, inUse, cost, index, count);
  }
}
