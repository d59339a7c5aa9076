package io.limiter.algorithm;

/** Times in microseconds, as a person writes them. */
public final class Durations {
  private static final String[] UNITS = {"d", "h", "m", "s", "ms"};
  private static final long[] MICROS = {
    86_400_000_000L, 3_600_000_000L, 60_000_000L, 1_000_000L, 1_000L
  };

  private Durations() {}

  /** The shortest exact form in one unit: {@code 90m}, {@code 1500ms}, {@code 7us}. */
  public static String show(long micros) {
    for (int i = 0; i < UNITS.length; i++) {
      if (micros != 0 && micros % MICROS[i] == 0) {
        return micros / MICROS[i] + UNITS[i];
      }
    }
    return micros + "us";
  }

  /** The largest round duration up to this one: {@code 45s}, {@code 12m}. */
  static String about(long micros) {
    for (int i = 0; i < UNITS.length; i++) {
      if (micros >= MICROS[i]) {
        return micros / MICROS[i] + UNITS[i];
      }
    }
    return micros + "us";
  }
}
