package io.limiter.server.program;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.limiter.server.rules.Quoted;

/** The message of a line in the log as text: no value in it can begin a line of its own. */
public final class EscapedMessage extends ClassicConverter {
  @Override
  public String convert(ILoggingEvent event) {
    return Quoted.line(event.getFormattedMessage());
  }
}
