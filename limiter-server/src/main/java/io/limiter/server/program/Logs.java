package io.limiter.server.program;

import ch.qos.logback.classic.LoggerContext;
import io.limiter.server.fault.LogLimit;
import java.util.logging.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets up logging: to standard error, so that standard output holds nothing but answers. What any
 * logger of the process writes is bounded by a {@link LogLimit}.
 */
public final class Logs {
  /** Held here: a logger of the JDK that nobody holds is collected, and its level with it. */
  private static final Logger JDK_ROOT = Logger.getLogger("");

  /** How much is logged. */
  public enum Level {
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE
  }

  private Logs() {}

  /** {@link #configure(boolean, Level)} with text from INFO on. */
  public static void configure(boolean json) {
    configure(json, Level.INFO);
  }

  /**
   * Chooses text or JSON, and how much. A configuration of the operator's own stands: the system
   * property {@code logback.configurationFile} names it.
   */
  public static void configure(boolean json, Level level) {
    if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
      throw new IllegalStateException("logback is not in this program");
    }
    if (System.getProperty("logback.configurationFile") == null) {
      if (json) {
        context.reset();
        ConsoleLog.write(context, new JsonLines());
      }
      if (level != Level.INFO) {
        context
            .getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)
            .setLevel(ch.qos.logback.classic.Level.toLevel(level.name()));
      }
    }
    JdkLogs.passOn(JDK_ROOT);
    // Last: a reset would take it away. The operator's own configuration is bounded too.
    if (context.getTurboFilterList().stream().noneMatch(LogLimit.class::isInstance)) {
      context.addTurboFilter(LogLimit.standard());
    }
  }
}
