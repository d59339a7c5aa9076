package io.limiter.server.program;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import java.net.URL;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.slf4j.LoggerFactory;

/** Sets up logging: to standard error, so that standard output holds nothing but answers. */
public final class Logs {
  /** Held here: a logger of the JDK that nobody holds is collected, and its level with it. */
  private static final Logger JDK_ROOT = Logger.getLogger("");

  /** It warns with a stack trace of each message that is too large: callers could fill the log. */
  private static final Logger GRPC = Logger.getLogger("io.grpc");

  private Logs() {}

  /**
   * Chooses text or JSON. A configuration of the operator's own stands: the system property {@code
   * logback.configurationFile} names it.
   */
  public static void configure(boolean json) {
    // gRPC and the JDK's HTTP server log here, at INFO about every connection that breaks.
    JDK_ROOT.setLevel(Level.WARNING);
    GRPC.setLevel(Level.SEVERE);
    if (!json || System.getProperty("logback.configurationFile") != null) {
      return;
    }
    URL configuration = Logs.class.getResource("/logback-json.xml");
    if (configuration == null
        || !(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
      throw new IllegalStateException("logback-json.xml or logback is not in this program");
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
