package io.limiter.server.program;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import io.limiter.server.fault.LogLimit;
import java.net.URL;
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
        useJson(context);
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

  private static void useJson(LoggerContext context) {
    URL configuration = Logs.class.getResource("/logback-json.xml");
    if (configuration == null) {
      throw new IllegalStateException("logback-json.xml is not in this program");
    }
    context.reset();
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    try {
      configurator.doConfigure(configuration);
    } catch (JoranException e) {
      throw new IllegalStateException("logback-json.xml is not valid", e);
    }
  }
}
