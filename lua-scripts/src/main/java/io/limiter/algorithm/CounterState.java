package io.limiter.algorithm;

/**
 * What is stored for one counter. A state holds the numbers of the limit that wrote it as far as
 * they say when it ends, so that it ends then even if the limit has changed since.
 */
public interface CounterState {

  /** The state of a counter that was never charged, or whose charges no longer count. */
  CounterState ABSENT = new Absent();

  /** The moment from which this state equals an absent one, in microseconds since the epoch. */
  long endMicros();

  /**
   * The charge that left this state, so that it can be given back.
   *
   * @param cost what was charged, 1 or more
   */
  Charged charged(long cost);

  /**
   * Gives back a charge, as far as it still counts.
   *
   * @param charged what was charged, as {@link #charged} said it of the state that the charge left
   * @return the state after it: this one if there was nothing left to give back
   */
  CounterState refund(Charged charged, long nowMicros);

  /** Whether nothing is stored. */
  default boolean isAbsent() {
    return this == ABSENT;
  }

  /** Nothing is stored. */
  final class Absent implements CounterState {
    private Absent() {}

    @Override
    public long endMicros() {
      return Long.MIN_VALUE;
    }

    @Override
    public Charged charged(long cost) {
      throw new IllegalStateException("nothing was charged to a counter that is not there");
    }

    @Override
    public CounterState refund(Charged charged, long nowMicros) {
      return this;
    }

    @Override
    public String toString() {
      return "Absent";
    }
  }
}
