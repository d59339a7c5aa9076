package io.limiter.algorithm;

/**
 * What is stored for a bucket: how much of it is in use. Kept as what was taken, not as what is
 * left, so that a changed capacity counts at once against it.
 *
 * @param lastMicros when it was last charged
 * @param used what was in use then, in {@code 1/period} of a token, 1 or more
 * @param rate the reduced rate it was charged under: units that come free each microsecond
 * @param period the reduced period it was charged under: units in a token
 */
public record BucketState(long lastMicros, long used, long rate, long period)
    implements CounterState {

  @Override
  public long endMicros() {
    return lastMicros + Exact.ceilDiv(used, rate);
  }

  /**
   * What was in use at {@link #lastMicros} in units of {@code 1/newPeriod} of a token. Exact while
   * the period is the same; otherwise rounded up, and up to a whole token where the exact fraction
   * would pass 2^52. No more than 2^52.
   */
  long usedIn(long newPeriod) {
    if (newPeriod == period) {
      return used;
    }
    long fraction = Exact.product(used % period, newPeriod);
    long units = fraction > Bounds.MAX_PRODUCT ? newPeriod : Exact.ceilDiv(fraction, period);
    long whole = Math.min(Exact.product(used / period, newPeriod), Bounds.MAX_PRODUCT);
    return Math.min(whole + units, Bounds.MAX_PRODUCT);
  }

  @Override
  public Charged charged(long cost) {
    return new Charged(cost, lastMicros, /* windowMicros= */ 0);
  }

  @Override
  public CounterState refund(Charged charged, long nowMicros) {
    if (nowMicros >= endMicros()) {
      return this;
    }
    long given = Exact.product(charged.cost(), period);
    if (given >= used) {
      return ABSENT;
    }
    BucketState after = new BucketState(lastMicros, used - given, rate, period);
    return nowMicros >= after.endMicros() ? ABSENT : after;
  }
}
