package io.limiter.algorithm;

import java.util.List;

/**
 * Token bucket: holds up to {@code capacity} tokens, refilled continuously at {@code rate} per
 * period; a cost c is admitted when the bucket holds c tokens. Bursts up to the capacity pass at
 * once; over any longer time no more than the rate does.
 *
 * <p>Source: J. Turner, "New directions in communications", IEEE Communications Magazine 24 (1986),
 * in the form of RFC 2697's token bucket.
 *
 * @param bucket its numbers
 */
public record TokenBucket(Bucket bucket) implements Limit {

  /**
   * A bucket of the given numbers.
   *
   * @param rate tokens added per period, 1 to 2^52
   * @param periodMicros the period, 1 ms to 366 days
   * @param capacity the most tokens the bucket holds, 0 (nothing passes) to 2^52; times the reduced
   *     period no more than 2^52
   * @throws LimitOutOfBoundsException when a number is out of its range
   */
  public static TokenBucket of(long rate, long periodMicros, long capacity) {
    return new TokenBucket(Bucket.of(rate, periodMicros, capacity));
  }

  @Override
  public Algorithm algorithm() {
    return Algorithm.TOKEN_BUCKET;
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
  public TokenBucket share(int instances) {
    return new TokenBucket(bucket.share(instances));
  }

  @Override
  public TokenBucket upTo(long most) {
    return new TokenBucket(bucket.upTo(most));
  }

  @Override
  public Step decide(CounterState before, long cost, long nowMicros) {
    return bucket.decide(before, false, cost, nowMicros);
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
    TokenBucket widest = new TokenBucket(bucket.widest());
    return Step.overcharged(this, widest, before, cost, nowMicros);
  }

  @Override
  public long owed(CounterState state, long nowMicros) {
    return bucket.owed(state, nowMicros);
  }

  @Override
  public Outcome.Admitted dealt(Outcome.Admitted all, long inUse, long cost, int index, int count) {
    return bucket.dealt(all, false, inUse, cost, index, count);
  }
}
