package io.limiter.server.program;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * Loggers that say nothing until it ends.
 *
 * @param before the levels that they had
 */
record Silence(Map<Logger, Optional<Level>> before) {
  static Silence of(Class<?>... speakers) {
    Map<Logger, Optional<Level>> before = new HashMap<>();
    for (Class<?> speaker : speakers) {
      Logger logger = (Logger) LoggerFactory.getLogger(speaker);
      before.put(logger, Optional.ofNullable(logger.getLevel()));
      logger.setLevel(Level.OFF);
    }
    return new Silence(before);
  }

  void end() {
    before.forEach((logger, level) -> logger.setLevel(level.orElse(null)));
  }
}
