package io.limiter.server.rules;

/**
 * The units of Envoy's limits: lengths of time, aligned to the epoch. A month has 30 days and a
 * year 365.
 */
public enum RateUnit {
  SECOND(1),
  MINUTE(60),
  HOUR(3_600),
  DAY(86_400),
  WEEK(7 * 86_400),
  MONTH(30 * 86_400),
  YEAR(365 * 86_400);

  private final long seconds;

  RateUnit(long seconds) {
    this.seconds = seconds;
  }

  /** Its length in microseconds. */
  public long micros() {
    return seconds * 1_000_000;
  }
}
