package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.limiter.server.store.StoreException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RefusalLogTest {
  private long nanos = Long.MAX_VALUE - 1;

  @Test
  void refusals_areLoggedOnceInTenSeconds() {
    Logger logger = (Logger) LoggerFactory.getLogger(RefusalLog.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    try {
      RefusalLog log = new RefusalLog("redis://here:1", () -> nanos);
      log.add(refusal("first"));
      nanos += 9_999_999_999L;
      log.add(refusal("second"));
      nanos += 1;
      log.add(refusal("third"));
      assertEquals(
          List.of(
              "Redis at redis://here:1 is connected and refuses: first",
              "Redis at redis://here:1 is connected and refuses: third"),
          lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
    } finally {
      logger.detachAppender(lines);
    }
  }

  private static StoreException refusal(String message) {
    return new StoreException(StoreException.Kind.UNAVAILABLE, message, null);
  }
}
