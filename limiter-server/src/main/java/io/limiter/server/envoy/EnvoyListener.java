package io.limiter.server.envoy;

/** Hears of requests that passed a bound. Must be quick and must not throw. */
public interface EnvoyListener {

  /** A request was answered without a look at its limits, for it was too large. */
  void tooLarge(Bound bound);

  /** Listens to nothing. */
  EnvoyListener NONE = bound -> {};
}
