package io.limiter.testing.history;

/**
 * A question, and the answer to it.
 *
 * @param instance which instance was asked; one that was started again is another
 * @param key what was counted: the name of a {@link Counter} of the history
 * @param cost what was asked for, 1 or more
 * @param asked when, before it was sent, in microseconds since the epoch
 * @param answered when, after the answer was there
 * @param answer what it was told
 */
public record Event(
    String instance, String key, long cost, long asked, long answered, Answer answer) {

  /** Who answered. */
  public enum By {
    /** The shared counter, now. */
    REDIS,
    /** The memory of a denial by the shared counter. */
    DENY_CACHE,
    /** The counter of the instance. */
    LOCAL,
    /** Nobody counted: the rule admits while Redis is away. */
    OPEN,
    /** Nobody counted: the rule denies while Redis is away. */
    CLOSED,
    /** No answer came. Nobody knows whether anything was charged. */
    NOBODY
  }

  /**
   * An answer.
   *
   * @param by who gave it
   * @param admitted whether the request may go ahead
   * @param remaining what the counter said is left
   * @param resetAfter when the counter said that it is as new, in microseconds from its decision;
   *     below 0 if that is not known
   */
  public record Answer(By by, boolean admitted, long remaining, long resetAfter) {
    /** None. */
    public static final Answer NONE = new Answer(By.NOBODY, false, 0, -1);
  }

  /** Refuses a question that costs nothing, or that was answered before it was asked. */
  public Event {
    if (cost < 1 || answered < asked) {
      throw new IllegalArgumentException("cost %d from %d to %d".formatted(cost, asked, answered));
    }
  }

  boolean admittedBy(By by) {
    return answer.admitted && answer.by == by;
  }
}
