package io.limiter.algorithm;

/**
 * What one limit says to one question. All times are microseconds from the {@code now} that the
 * question was decided at.
 */
public sealed interface Outcome {

  /** The largest cost that would be admitted at this moment, rounded down; 0 or more. */
  long remaining();

  /** Until the counter is as new if nothing else is charged; 0 when it is as new already. */
  long resetAfterMicros();

  /** Whether the cost was within the limit. */
  default boolean admits() {
    return this instanceof Admitted;
  }

  /**
   * The cost fits. {@code remaining} and {@code resetAfterMicros} are those after the charge.
   *
   * @param delayMicros how long to wait before going ahead; 0 for all but a leaky bucket
   */
  record Admitted(long remaining, long resetAfterMicros, long delayMicros) implements Outcome {}

  /**
   * The cost does not fit now.
   *
   * @param retryAfterMicros the exact time after which the same cost is admitted if nothing else is
   *     charged; 1 or more, and a microsecond sooner it would be denied
   */
  record Denied(long remaining, long resetAfterMicros, long retryAfterMicros) implements Outcome {}

  /** The cost is more than the limit could ever admit. */
  record Never(long remaining, long resetAfterMicros) implements Outcome {}
}
