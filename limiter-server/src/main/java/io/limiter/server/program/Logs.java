package io.limiter.server.program;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import java.net.URL;
import java.util.logging.Handler;
import java.util.logging.Logger;
import org.slf4j.LoggerFactory;

/** Sets up logging: to standard error, so that standard output holds nothing but answers. */
public final class Logs {
  /** Held here: a logger of the JDK that nobody holds is collected, and its level with it. */
  private static final Logger JDK_ROOT = Logger.getLogger("");

  /** It warns with a stack trace of each message that is too large: callers could fill the log. */
  private static final Logger GRPC = Logger.getLogger("io.grpc");

  /** How much is logged. */
  public enum Level {
    ERROR(ch.qos.logback.classic.Level.ERROR),
    WARN(ch.qos.logback.classic.Level.WARN),
    INFO(ch.qos.logback.classic.Level.INFO),
    DEBUG(ch.qos.logback.classic.Level.DEBUG),
    TRACE(ch.qos.logback.classic.Level.TRACE);

    private final ch.qos.logback.classic.Level logback;

    Level(ch.qos.logback.classic.Level logback) {
      this.logback = logback;
    }
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
    JDK_ROOT.setLevel(java.util.logging.Level.WARNING);
    GRPC.setLevel(java.util.logging.Level.SEVERE);
    passOnFromTheJdk();
    if (System.getProperty("logback.configurationFile") != null) {
      return;
    }
    if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
      throw new IllegalStateException("logback is not in this program");
    }
    if (json) {
      useJson(context);
    }
    if (level != Level.INFO) {
      context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(level.logback);
    }
  }

  /** gRPC and the JDK's HTTP server log there: in a form, and a language, of the JDK's own. */
  private static void passOnFromTheJdk() {
    for (Handler handler : JDK_ROOT.getHandlers()) {
      JDK_ROOT.removeHandler(handler);
    }
    JDK_ROOT.addHandler(new JdkLogs());
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
