package io.limiter.script;

import java.util.List;

/**
 * What an upstream said of its own limit. At most 2^52 each.
 *
 * @param remaining what is left of its window; -1 if it did not say, 0 or more needs {@code
 *     resetMicros}
 * @param resetMicros until its window ends; -1 if it did not say
 * @param blockedMicros for how long nothing passes; -1 if it did not say
 * @param limit what it admits in a window; -1 if it did not say
 */
public record ObserveArguments(long remaining, long resetMicros, long blockedMicros, long limit) {

  public ObserveArguments {
    if (remaining >= 0 && resetMicros < 0) {
      throw new IllegalArgumentException(
          "remaining %d without resetMicros; say when it ends too".formatted(remaining));
    }
  }

  /** The call's ARGV, whatever its KEYS are. */
  public List<String> arguments() {
    return List.of(text(remaining), text(resetMicros), text(blockedMicros), text(limit));
  }

  private static String text(long number) {
    return number < 0 ? "" : Long.toString(number);
  }
}
