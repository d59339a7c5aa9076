package io.limiter.client.decorate;

import io.limiter.client.upstream.UpstreamSaid;

/**
 * How a {@link Pacer} reads what comes back from an upstream. Has to be thread-safe.
 *
 * @param <T> an answer
 */
@FunctionalInterface
public interface Answers<T> {
  /** What an answer says. If it throws, the call fails with that. */
  UpstreamSaid read(T answer);

  /**
   * What a failure says. By default that something is broken: it counts for the circuit breaker,
   * and the call is not repeated.
   */
  default UpstreamSaid read(Throwable failure) {
    return UpstreamSaid.nothing(UpstreamSaid.Outcome.FAILED);
  }

  /** Frees what an answer holds, since the call is repeated and nobody will read it. */
  default void discard(T answer) {}
}
