package io.limiter.algorithm;

import java.util.List;

/**
 * A limit on one counter: an algorithm and its numbers. Immutable; the numbers are checked when it
 * is made, so that every later step is exact.
 */
public sealed interface Limit
    permits FixedWindow,
        SlidingLog,
        SlidingCounter,
        TokenBucket,
        LeakyBucket,
        ConcurrencyLimit,
        Limit.Shared {

  /** Which algorithm counts. */
  Algorithm algorithm();

  /** The limit of the counter itself, whoever shares it: this one if nobody does. */
  default Limit counter() {
    return this;
  }

  /**
   * The most that can be used at once: the limit of a window or of holds, or a bucket's capacity.
   */
  long limit();

  /**
   * The length of the window that {@code nowMicros} falls in, or the time that a bucket takes to
   * fill or drain whole, or how long a hold lasts, in microseconds, rounded up.
   */
  long windowMicros(long nowMicros);

  /**
   * The limit as its script reads it.
   *
   * @param aroundMicros about the time of the decision, since the epoch. Windows of a calendar are
   *     written for this time, the one before and the one after
   */
  LimitRow row(long aroundMicros);

  /**
   * Tells what tells this limit from others of its algorithm and size, in an order that never
   * changes: digests are made of it.
   */
  void identify(Identity out);

  /** A limit as one tenant sees it of those that share a counter. */
  non-sealed interface Shared extends Limit {
    /** The limit of the counter. */
    Limit pool();

    /** Who asks: the end of the key of its record. */
    String tenant();

    @Override
    default Limit counter() {
      return pool();
    }
  }

  /** Takes the numbers and texts that identify a limit. */
  interface Identity {
    void add(long number);

    void add(String text);
  }

  /**
   * Decides one question.
   *
   * @param before what was stored for the counter; {@link CounterState#ABSENT} for nothing
   * @param cost 0 to {@link Bounds#MAX_COUNT}; 0 looks without charging
   * @param nowMicros the time, in microseconds since the epoch
   * @return the outcome, and the state after it: {@code before} itself unless it was charged
   */
  Step decide(CounterState before, long cost, long nowMicros);

  /**
   * Gives back what was charged last, as far as this limit still counts it, and never more than is
   * in use. It is as if that had never been charged: what is left ends no later than it would have.
   *
   * @param cost 0 to {@link Bounds#MAX_COUNT}; 0 looks, and admits whatever is in use
   * @param nowMicros the time, in microseconds since the epoch
   * @return an admission without delay that says what remains afterwards, and the state after it:
   *     {@code before} itself when nothing was in use
   */
  Step credit(CounterState before, long cost, long nowMicros);

  /**
   * Charges what was admitted without the counter, as of the time at which it was, as far as it
   * still counts and there is room. So nobody is ever denied for it later than if it had been
   * charged then.
   *
   * @param owed the earliest first, one or more
   * @param nowMicros the time, in microseconds since the epoch
   */
  Settled settle(CounterState before, List<Owed> owed, long nowMicros);

  /**
   * Charges whatever the limit says, and in all else as an admitted charge at this time: so the
   * counter may stand above its limit. In use are at most 2^52 of the algorithm's own units; what
   * would pass that is not charged.
   *
   * @param cost 1 to {@link Bounds#MAX_COUNT}
   * @param nowMicros the time, in microseconds since the epoch
   * @return what {@link #decide} says to a cost of 0 after it, and the state after it
   */
  Step overcharge(CounterState before, long cost, long nowMicros);

  /**
   * How far what is in use stands above the limit, rounded up: what has to come free until a cost
   * of 0 is admitted. 0 when it is.
   *
   * @param nowMicros the time, in microseconds since the epoch
   */
  long owed(CounterState state, long nowMicros);

  /**
   * The part of this limit that one of so many equal instances may admit by itself. All parts
   * together admit no more than the limit, but that each admits at least 1 where the limit admits
   * anything.
   *
   * @param instances 1 or more
   */
  Limit share(int instances);

  /**
   * The same counting of the same counter, of which only a part may be filled.
   *
   * @param most the most that can be used at once, 0 to {@link #limit}
   */
  Limit upTo(long most);

  /**
   * What one of several equal charges is told that were admitted one after another, at one time.
   *
   * @param all what one charge of their sum is told
   * @param inUse of a bucket what was in use before the first, in its units; else of no meaning
   * @param cost of each
   * @param index of the one, from 0
   * @param count how many there were
   */
  default Outcome.Admitted dealt(
      Outcome.Admitted all, long inUse, long cost, int index, int count) {
    return new Outcome.Admitted(
        all.remaining() + (count - 1 - index) * cost, all.resetAfterMicros(), all.delayMicros());
  }
}
