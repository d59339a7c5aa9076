package io.limiter.testing.history;

/**
 * Something that was charged, or that may have been, at one moment between two.
 *
 * @param earliest the first of them, in microseconds since the epoch
 * @param latest the last
 * @param cost how much
 * @param event why
 */
record Charge(long earliest, long latest, long cost, Event event) {

  /** Of the moment of its decision nothing is known but that. */
  static Charge between(Event event) {
    return new Charge(event.asked(), event.answered(), event.cost(), event);
  }

  /** Whether it was made for this event, and not only for one like it at the same time. */
  @SuppressWarnings("ReferenceEquality") // two callers may ask the same at once
  boolean isOf(Event other) {
    return event == other;
  }

  Charge until(long later) {
    return new Charge(earliest, Math.max(latest, later), cost, event);
  }
}
