package io.limiter.server.store.redis;

import java.time.Duration;

/** Settings for tests that are not about time. */
public final class Patient {
  /** Long enough that no test fails because the machine is busy. */
  public static final Duration PATIENCE = Duration.ofSeconds(60);

  private Patient() {}

  /**
   * The usual ones, but for the waits: on a busy machine Redis may be silent for longer than the
   * half second after which a service gives its connection up, and questions fail that must not.
   */
  public static RedisSettings settings(String uri) {
    RedisSettings usual = RedisSettings.of(uri, PATIENCE);
    return new RedisSettings(
        usual.endpoint(),
        PATIENCE,
        /* silence= */ PATIENCE,
        usual.batchSize(),
        usual.batchesInFlight(),
        usual.queueSize());
  }
}
