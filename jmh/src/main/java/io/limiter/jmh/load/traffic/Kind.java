package io.limiter.jmh.load.traffic;

import java.util.Locale;

/** What is asked, and by which call. */
public enum Kind {
  /** {@code limiter.v1} CheckAndConsume, a call for each question. */
  UNARY,
  /** {@code limiter.v1} CheckAndConsumeBatch, many questions in each call. */
  BATCH,
  /** {@code limiter.v1} CheckAndConsumeStream, one call for each connection. */
  STREAM,
  /** The library's {@code LimiterClient.checkAsync}. */
  CLIENT,
  /** Envoy's {@code ShouldRateLimit}, which other services answer as well. */
  ENVOY,
  /** {@code grpc.health.v1} Check: a call that decides nothing, the baseline. */
  HEALTH;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
