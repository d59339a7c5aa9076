package io.limiter.server.program;

import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.slf4j.LoggerFactory;

/**
 * Passes on what is logged with the JDK's own logging, as gRPC and the JDK's HTTP server do: to the
 * log that everything else goes to, in its form and within its bounds.
 */
final class JdkLogs extends Handler {
  /** Fills parameters in. Its layout is not used. */
  private static final Formatter TEXTS = new SimpleFormatter();

  private JdkLogs() {}

  /**
   * Warns of each call that is refused, with a stack. A flood of them would be a flood of work,
   * even if few are written. Kept here, since the JDK forgets a logger that nobody holds.
   */
  private static final Logger REFUSALS =
      Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty.NettyServerHandler");

  /**
   * Has a logger and those below it pass on their warnings. gRPC tells at INFO of every connection
   * that breaks. A configuration of the operator's own stands: the system property {@code
   * java.util.logging.config.file} names it.
   */
  static void passOn(Logger root) {
    if (System.getProperty("java.util.logging.config.file") != null) {
      return;
    }
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    root.setLevel(Level.WARNING);
    root.addHandler(new JdkLogs());
    REFUSALS.setLevel(Level.SEVERE);
  }

  @Override
  public void publish(LogRecord line) {
    String name = line.getLoggerName();
    org.slf4j.Logger logger = LoggerFactory.getLogger(name == null ? "" : name);
    String text = TEXTS.formatMessage(line);
    Throwable thrown = line.getThrown();
    switch (level(line.getLevel())) {
      case ERROR -> logger.error(text, thrown);
      case WARN -> logger.warn(text, thrown);
      case INFO -> logger.info(text, thrown);
      case DEBUG, TRACE -> logger.debug(text, thrown);
    }
  }

  private static org.slf4j.event.Level level(Level level) {
    if (level.intValue() >= Level.SEVERE.intValue()) {
      return org.slf4j.event.Level.ERROR;
    }
    if (level.intValue() >= Level.WARNING.intValue()) {
      return org.slf4j.event.Level.WARN;
    }
    return level.intValue() >= Level.INFO.intValue()
        ? org.slf4j.event.Level.INFO
        : org.slf4j.event.Level.DEBUG;
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
