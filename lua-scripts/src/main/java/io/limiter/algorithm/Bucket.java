package io.limiter.algorithm;

import java.util.List;

/**
 * The numbers of a bucket and the arithmetic that both buckets share: what is in use comes free at
 * a steady rate, and a cost fits while it and what is in use are no more than the capacity.
 *
 * <p>All amounts are in units of {@code 1/period} of a token, with rate and period reduced by their
 * greatest common divisor; then {@code rate} units come free each microsecond and no remainder is
 * ever lost. Source: the generic cell rate algorithm, ITU-T I.371, in its continuous-state form.
 *
 * @param rate tokens per period, as the rule says it
 * @param periodMicros the period, as the rule says it
 * @param capacity the most it holds, in tokens
 * @param unitsPerMicro units that come free each microsecond
 * @param unitsPerToken units in a token
 * @param capacityUnits the same, in units
 */
public record Bucket(
    long rate,
    long periodMicros,
    long capacity,
    long unitsPerMicro,
    long unitsPerToken,
    long capacityUnits) {

  static Bucket of(long rate, long periodMicros, long capacity) {
    Bounds.checkCount("rate", rate, 1);
    Bounds.checkWindow("period", periodMicros);
    Bounds.checkCount("capacity", capacity, 0);
    long divisor = Exact.gcd(rate, periodMicros);
    long capacityUnits = Exact.product(capacity, periodMicros / divisor);
    if (capacityUnits > Bounds.MAX_PRODUCT) {
      long longest = Bounds.MAX_PRODUCT / capacity;
      throw new LimitOutOfBoundsException(
          "rate",
          "rate %d/%s with capacity %d passes 2^52; use %sa capacity of at most %d"
              .formatted(
                  rate,
                  Durations.show(periodMicros),
                  capacity,
                  longest < Bounds.MIN_WINDOW_MICROS
                      ? ""
                      : "a period of at most %s or ".formatted(Durations.about(longest)),
                  Bounds.MAX_PRODUCT / (periodMicros / divisor)));
    }
    return new Bucket(
        rate, periodMicros, capacity, rate / divisor, periodMicros / divisor, capacityUnits);
  }

  /** See {@link Limit#upTo}. */
  Bucket upTo(long most) {
    return of(rate, periodMicros, most);
  }

  /**
   * See {@link Limit#share}. The rate is exact, by a period so many times as long; where that
   * passes the longest period, the rate is rounded down to whole tokens, but to 1.
   */
  Bucket share(int instances) {
    long part = Exact.share(capacity, instances);
    long stretched = Exact.product(periodMicros, instances);
    if (stretched <= Bounds.MAX_WINDOW_MICROS) {
      return of(rate, stretched, part);
    }
    long period = rate >= instances ? periodMicros : Bounds.MAX_WINDOW_MICROS;
    return of(Math.max(1, rate / instances), period, Math.min(part, Bounds.MAX_PRODUCT / period));
  }

  LimitRow row(Algorithm algorithm) {
    return new LimitRow(algorithm.letter(), capacity, unitsPerMicro, unitsPerToken);
  }

  /** By rate and period as the rule says them. */
  void identify(Limit.Identity out) {
    out.add(rate);
    out.add(periodMicros);
  }

  /**
   * Decides one question.
   *
   * @param delays whether what is admitted waits for what is ahead of it
   */
  Step decide(CounterState before, boolean delays, long cost, long nowMicros) {
    long now = nowMicros;
    long last = nowMicros;
    long stored = 0;
    long storedEnd = Long.MAX_VALUE;
    if (before instanceof BucketState state) {
      now = Math.max(nowMicros, state.lastMicros());
      if (now < state.endMicros()) {
        last = state.lastMicros();
        stored = state.usedIn(unitsPerToken);
        storedEnd = state.endMicros();
      }
    }
    long used = Math.max(0, stored - Exact.product(now - last, unitsPerMicro));
    if (cost > capacity) {
      return new Step(
          new Outcome.Never(remaining(used), reset(used, now, storedEnd, nowMicros)), before);
    }
    long room = capacityUnits - cost * unitsPerToken;
    if (used > room) {
      long admittedAt = Math.min(now + Exact.ceilDiv(used - room, unitsPerMicro), storedEnd);
      return new Step(
          new Outcome.Denied(
              remaining(used), reset(used, now, storedEnd, nowMicros), admittedAt - nowMicros),
          before);
    }
    long delay = delays ? Exact.ceilDiv(used, unitsPerMicro) : 0;
    if (cost == 0) {
      return new Step(
          new Outcome.Admitted(remaining(used), reset(used, now, storedEnd, nowMicros), delay),
          before);
    }
    BucketState after =
        new BucketState(now, used + cost * unitsPerToken, unitsPerMicro, unitsPerToken);
    return new Step(
        new Outcome.Admitted(remaining(after.used()), after.endMicros() - nowMicros, delay), after);
  }

  /**
   * Gives back from what is in use now. What is left keeps the rate it was charged under, so that
   * it comes free no later than it would have.
   *
   * @return the state after it: {@code before} itself when nothing was in use
   */
  CounterState credit(CounterState before, long cost, long nowMicros) {
    if (cost == 0 || !(before instanceof BucketState state) || nowMicros >= state.endMicros()) {
      return before;
    }
    long now = Math.max(nowMicros, state.lastMicros());
    long free = Exact.product(now - state.lastMicros(), unitsPerMicro);
    long used = state.usedIn(unitsPerToken) - free;
    if (used <= 0) {
      return before;
    }
    return Exact.product(cost, unitsPerToken) >= used
        ? CounterState.ABSENT
        : state.refund(state.charged(cost), nowMicros);
  }

  /** See {@link Limit#settle}. */
  Settled settle(CounterState before, List<Owed> owed, long nowMicros) {
    return new BucketSettlement(this, before, nowMicros).settle(owed);
  }

  /** The same rate with the largest capacity: no state has more than that in use. */
  Bucket widest() {
    return new Bucket(
        rate,
        periodMicros,
        Bounds.MAX_PRODUCT / unitsPerToken,
        unitsPerMicro,
        unitsPerToken,
        Bounds.MAX_PRODUCT);
  }

  /** See {@link Limit#owed}. */
  long owed(CounterState before, long nowMicros) {
    if (!(before instanceof BucketState state)) {
      return 0;
    }
    long now = Math.max(nowMicros, state.lastMicros());
    if (now >= state.endMicros()) {
      return 0;
    }
    long free = Exact.product(now - state.lastMicros(), unitsPerMicro);
    long above = state.usedIn(unitsPerToken) - capacityUnits;
    return above <= free ? 0 : Exact.ceilDiv(above - free, unitsPerToken);
  }

  /** See {@link Limit#dealt}. */
  Outcome.Admitted dealt(
      Outcome.Admitted all, boolean delays, long inUse, long cost, int index, int count) {
    long each = cost * unitsPerToken;
    long ahead = inUse + index * each;
    long later = Exact.ceilDiv(inUse + count * each, unitsPerMicro);
    return new Outcome.Admitted(
        all.remaining() + (count - 1 - index) * cost,
        all.resetAfterMicros() - later + Exact.ceilDiv(ahead + each, unitsPerMicro),
        delays ? Exact.ceilDiv(ahead, unitsPerMicro) : 0);
  }

  private long remaining(long used) {
    return Math.max(0, capacityUnits - used) / unitsPerToken;
  }

  private long reset(long used, long now, long storedEnd, long nowMicros) {
    return used == 0
        ? 0
        : Math.min(now + Exact.ceilDiv(used, unitsPerMicro), storedEnd) - nowMicros;
  }

  /** The time in which a full bucket comes wholly free, in microseconds, rounded up. */
  long wholeMicros() {
    return Exact.ceilDiv(capacityUnits, unitsPerMicro);
  }
}
