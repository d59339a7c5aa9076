package io.limiter.testing.history;

import java.util.OptionalLong;

/**
 * A life of the data in Redis. What one decides, the next one knows as far as it was handed on.
 *
 * @param from no decision was made earlier, in microseconds since the epoch
 * @param to none was made later
 * @param keptUntil charges that were answered before are known to have been handed on by the one
 *     before. Empty if it began with nothing
 */
public record Incarnation(long from, long to, OptionalLong keptUntil) {

  /** One that began with nothing. */
  public static Incarnation empty(long from, long to) {
    return new Incarnation(from, to, OptionalLong.empty());
  }

  /** One that began with what the one before had, but perhaps not with the last of it. */
  public static Incarnation promoted(long from, long to, long keptUntil) {
    return new Incarnation(from, to, OptionalLong.of(keptUntil));
  }

  /** Whether it may have made the decision. */
  boolean mayHaveMade(Event event) {
    return from <= event.answered() && event.asked() <= to;
  }
}
