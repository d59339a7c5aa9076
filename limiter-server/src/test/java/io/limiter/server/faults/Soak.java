package io.limiter.server.faults;

import java.time.Duration;
import java.util.Locale;

/** How long the suite goes on when all faults were met once. */
final class Soak {
  static final long SEED = Long.getLong("limiter.test.seed", 20_261_127L);

  private Soak() {}

  /** As {@code -Dlimiter.test.soak} says: 90s, 10m, 1h; zero without it. */
  static Duration time() {
    String text = System.getProperty("limiter.test.soak", "");
    return text.isBlank() ? Duration.ZERO : Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
  }
}
