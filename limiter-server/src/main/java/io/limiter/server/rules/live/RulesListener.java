package io.limiter.server.rules.live;

/** Told of every load. Must be quick and must not throw. */
public interface RulesListener {
  /** Files were read; {@code good} if nothing was wrong with any of them. */
  void loaded(boolean good);
}
