package io.limiter.server.rules.live;

/** Told of every attempt to load rules. Must be quick and must not throw. */
public interface RulesListener {
  /** Rules were loaded; {@code good} if all that was read is in force. */
  void loaded(boolean good);
}
