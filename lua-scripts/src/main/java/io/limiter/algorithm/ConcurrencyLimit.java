package io.limiter.algorithm;

import java.util.List;

/**
 * Concurrency: bounds how much is held at the same time. What is charged is in use until it is
 * given back, and at the latest until a hold of this length has passed.
 *
 * <p>Admits a cost c when {@code inUse + c <= limit}. A charge lets the counter last until {@code
 * max(end, now + hold)}, or until {@code now + hold} if nothing was in use. Nothing comes free by
 * itself before that end: one counter does not know which of several holds it was charged with.
 * Whoever keeps a book of them gives each back when it expires.
 *
 * @param limit the most that can be held at once, 0 (nothing passes) to 2^52
 * @param holdMicros how long a hold lasts if it is not given back, 1 ms to 366 days. No part of
 *     what tells one counter from another: requests to the same counter may ask for shorter holds
 */
public record ConcurrencyLimit(long limit, long holdMicros) implements Limit {
  public ConcurrencyLimit {
    Bounds.checkCount("limit", limit, 0);
    Bounds.checkWindow("hold", holdMicros);
  }

  @Override
  public Algorithm algorithm() {
    return Algorithm.CONCURRENCY;
  }

  /** How long a hold lasts. */
  @Override
  public long windowMicros(long nowMicros) {
    return holdMicros;
  }

  @Override
  public LimitRow row(long aroundMicros) {
    return new LimitRow(algorithm().letter(), limit, holdMicros);
  }

  /** By nothing: holds of any length are of the same counter. */
  @Override
  public void identify(Identity out) {}

  @Override
  public ConcurrencyLimit share(int instances) {
    return new ConcurrencyLimit(Exact.share(limit, instances), holdMicros);
  }

  @Override
  public ConcurrencyLimit upTo(long most) {
    return new ConcurrencyLimit(most, holdMicros);
  }

  /**
   * A denial says to retry at the end of the last hold. Whoever knows when single holds expire
   * knows better.
   */
  @Override
  public Step decide(CounterState before, long cost, long nowMicros) {
    long now = nowMicros;
    long used = 0;
    long end = nowMicros;
    if (before instanceof State state) {
      now = Math.max(nowMicros, state.lastMicros);
      if (now < state.endMicros) {
        used = state.used;
        end = state.endMicros;
      }
    }
    long remaining = Math.max(0, limit - used);
    long reset = end - nowMicros;
    if (cost > limit) {
      return new Step(new Outcome.Never(remaining, reset), before);
    }
    if (used > limit - cost) {
      return new Step(new Outcome.Denied(remaining, reset, reset), before);
    }
    if (cost == 0) {
      return new Step(new Outcome.Admitted(remaining, reset, /* delayMicros= */ 0), before);
    }
    State after = new State(now, Math.max(end, now + holdMicros), used + cost);
    return new Step(
        new Outcome.Admitted(remaining - cost, after.endMicros - nowMicros, /* delayMicros= */ 0),
        after);
  }

  @Override
  public Step credit(CounterState before, long cost, long nowMicros) {
    CounterState after =
        cost > 0 && before instanceof State state
            ? state.refund(state.charged(cost), nowMicros)
            : before;
    return Step.credited(this, after, nowMicros);
  }

  /** Charges nothing: what was admitted without the counter has no hold in it. */
  @Override
  public Settled settle(CounterState before, List<Owed> owed, long nowMicros) {
    return new Settled(/* charged= */ 0, owed.stream().mapToLong(Owed::cost).sum(), before);
  }

  @Override
  public Step overcharge(CounterState before, long cost, long nowMicros) {
    return Step.overcharged(this, upTo(Bounds.MAX_COUNT), before, cost, nowMicros);
  }

  @Override
  public long owed(CounterState state, long nowMicros) {
    long room = upTo(Bounds.MAX_COUNT).decide(state, 0, nowMicros).outcome().remaining();
    return Math.max(0, Bounds.MAX_COUNT - room - limit);
  }

  /**
   * What is stored.
   *
   * @param lastMicros when it was last charged
   * @param endMicros when the last of the holds ends
   * @param used what is held, 1 or more
   */
  public record State(long lastMicros, long endMicros, long used) implements CounterState {
    @Override
    public Charged charged(long cost) {
      return new Charged(cost, lastMicros, /* windowMicros= */ 0);
    }

    /** The same, in use for longer: what holds it was renewed. */
    public State until(long stopMicros) {
      return stopMicros > endMicros ? new State(lastMicros, stopMicros, used) : this;
    }

    /** What is left ends when it would have: which hold ends last is not known. */
    @Override
    public CounterState refund(Charged charged, long nowMicros) {
      if (nowMicros >= endMicros) {
        return this;
      }
      long left = used - charged.cost();
      return left <= 0 ? ABSENT : new State(lastMicros, endMicros, left);
    }
  }
}
