package io.limiter.server.rules.live;

/** Told of every attempt to load rules. Must be quick and must not throw. */
public interface RulesListener {
  /** Something new was met; {@code good} if all of it is in force. */
  void loaded(boolean good);
}
