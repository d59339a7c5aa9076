package io.limiter.testing.history;

import java.util.List;

/**
 * What happened to Redis and to the instances meanwhile.
 *
 * @param redis the lives of its data, in their order
 * @param pauses when it surely decided nothing, although its data lived
 * @param leastInstances the fewest instances that one of them can have known of
 * @param mostInstances the most
 * @param patience how long a caller waited for an answer at most, in microseconds. Nothing may be
 *     charged later
 */
public record Faults(
    List<Incarnation> redis,
    List<Pause> pauses,
    int leastInstances,
    int mostInstances,
    long patience) {

  /** From when to when, in microseconds since the epoch. */
  public record Pause(long from, long to) {
    boolean holds(Event event) {
      return from <= event.asked() && event.answered() <= to;
    }
  }

  public Faults {
    redis = List.copyOf(redis);
    pauses = List.copyOf(pauses);
  }
}
