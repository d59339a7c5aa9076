package io.limiter.server.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.junit.jupiter.api.Test;

class FaultLogTest {
  private long nanos = -5;

  @Test
  void faults_areLoggedOnceASecondWithWhatWasLeftOut() {
    LoggerContext context = new LoggerContext();
    Logger logger = context.getLogger("faults");
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    FaultLog log = new FaultLog(logger, () -> nanos);
    IllegalStateException fault = new IllegalStateException("broken");

    log.add(fault);
    nanos += 999_999_999;
    log.add(fault);
    log.add(fault);
    nanos += 1;
    log.add(fault);

    assertEquals(
        List.of(
            "A question could not be decided (0 more since the last such line)",
            "A question could not be decided (2 more since the last such line)"),
        lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
    assertEquals("broken", lines.list.get(0).getThrowableProxy().getMessage());
  }
}
