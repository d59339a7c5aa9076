package io.limiter.server.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.protobuf.Duration;
import com.google.rpc.Code;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.limiter.server.access.AccessException;
import io.limiter.server.store.GivenUpException;
import io.limiter.server.store.StoreException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** What the log is told of a call that got no response. */
class FailuresTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(Failures.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
  }

  private ILoggingEvent logged(Throwable failure) {
    lines.list.clear();
    Failures.status(new CompletionException(failure));
    assertEquals(1, lines.list.size());
    return lines.list.get(0);
  }

  @Test
  void aFailureOfRedis_isAWarningWithItsKindAndPlace_withoutAStack() {
    ILoggingEvent line =
        logged(StoreException.timeout(java.time.Duration.ofMillis(15), "redis://here:1"));
    assertEquals(Level.WARN, line.getLevel());
    assertEquals(
        "No decision, timeout: redis://here:1 did not answer in time; look for what slows it"
            + " down, or wait longer: by the call's deadline (up to --decision-deadline-max), or"
            + " without one by --decision-deadline",
        line.getFormattedMessage());
    assertNull(line.getThrowableProxy());
  }

  @Test
  void somethingElseInTheKeysPlace_isAnErrorWithItsKey() {
    ILoggingEvent line =
        logged(new StoreException(StoreException.Kind.UNREADABLE, "the key k", null));
    assertEquals(Level.ERROR, line.getLevel());
    assertEquals("No decision, unreadable: the key k", line.getFormattedMessage());
  }

  @Test
  void aDefect_isAnErrorWithItsCause() {
    ILoggingEvent line = logged(new IllegalStateException("broken"));
    assertEquals(Level.ERROR, line.getLevel());
    assertEquals("broken", line.getThrowableProxy().getMessage());
    line =
        logged(
            new StoreException(
                StoreException.Kind.INTERNAL, "bad reply", new IllegalStateException("short")));
    assertEquals("short", line.getThrowableProxy().getCause().getMessage());
  }

  @Test
  void aWrongRequest_isNotLogged() {
    Failures.status(new Violations().refusal());
    assertEquals(0, lines.list.size());
  }

  @Test
  void whatItsCallerGaveUp_isNotLogged() {
    assertEquals(
        Code.CANCELLED_VALUE,
        Failures.status(new CompletionException(new GivenUpException())).getCode());
    assertEquals(0, lines.list.size());
  }

  @ParameterizedTest
  @CsvSource({"PT0S, 50000000, 0", "PT0.000000001S, 1, 0", "PT61.25S, 250000000, 61"})
  void whatIsAskedTooEarly_isToldWhenItFits(java.time.Duration wait, int nanos, long seconds)
      throws Exception {
    Status status =
        Failures.status(
            new CompletionException(
                new AccessException(AccessException.Kind.TOO_MUCH, "too much", wait)));
    assertEquals(Code.RESOURCE_EXHAUSTED_VALUE, status.getCode());
    assertEquals(
        Duration.newBuilder().setSeconds(seconds).setNanos(nanos).build(),
        status.getDetails(0).unpack(RetryInfo.class).getRetryDelay());
    assertEquals(0, lines.list.size());
  }
}
