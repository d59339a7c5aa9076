package io.limiter.server.program;

import java.text.MessageFormat;
import java.util.Locale;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes on what is logged with the JDK's own loggers. */
final class JdkLogs extends Handler {
  @Override
  public void publish(LogRecord event) {
    Logger log = LoggerFactory.getLogger(String.valueOf(event.getLoggerName()));
    String message = text(event);
    if (event.getLevel().intValue() >= Level.SEVERE.intValue()) {
      log.error(message, event.getThrown());
    } else if (event.getLevel().intValue() >= Level.WARNING.intValue()) {
      log.warn(message, event.getThrown());
    } else if (event.getLevel().intValue() >= Level.INFO.intValue()) {
      log.info(message, event.getThrown());
    } else {
      log.debug(message, event.getThrown());
    }
  }

  private static String text(LogRecord event) {
    String message = String.valueOf(event.getMessage());
    Object[] parameters = event.getParameters();
    if (parameters == null || parameters.length == 0) {
      return message;
    }
    try {
      return new MessageFormat(message, Locale.ROOT).format(parameters);
    } catch (IllegalArgumentException notAPattern) {
      return message;
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
