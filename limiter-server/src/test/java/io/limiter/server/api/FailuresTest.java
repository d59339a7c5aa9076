package io.limiter.server.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.limiter.server.fault.LogThrottle;
import java.util.List;
import org.junit.jupiter.api.Test;

class FailuresTest {
  private long nanos = -5;

  @Test
  void defects_areLoggedOnceASecondWithWhatWasLeftOut() {
    LoggerContext context = new LoggerContext();
    Logger logger = context.getLogger("faults");
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    LogThrottle throttle = new LogThrottle(Failures.LOG_PERIOD, () -> nanos);
    IllegalStateException fault = new IllegalStateException("broken");

    Failures.logDefect(throttle, logger, fault);
    nanos += 999_999_999;
    Failures.logDefect(throttle, logger, fault);
    Failures.logDefect(throttle, logger, fault);
    nanos += 1;
    Failures.logDefect(throttle, logger, fault);

    assertEquals(
        List.of(
            "A question could not be decided (0 more since the last such line)",
            "A question could not be decided (2 more since the last such line)"),
        lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
    assertEquals("broken", lines.list.get(0).getThrowableProxy().getMessage());
  }
}
