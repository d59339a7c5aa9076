package io.limiter.server.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.ConsoleAppender;
import io.limiter.server.rules.HostileText;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The log as the program writes it. */
class LogsTest {
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noValue_beginsALineOfItsOwn(boolean json) {
    String hostile = HostileText.ALL;
    RuntimeException cause = new IllegalStateException(hostile);
    RuntimeException failure = new IllegalArgumentException(hostile, cause);
    failure.addSuppressed(new IllegalStateException(hostile));

    List<String> lines = lines(json, failure);

    assertEquals(
        1,
        lines.stream().filter(line -> line.startsWith(json ? "{" : "20")).count(),
        () -> "" + lines);
    for (String line : lines) {
      String shown = line.replaceFirst("^\t+", "");
      assertTrue(json ? shown.chars().allMatch(c -> c >= ' ') : HostileText.isOneLine(shown), line);
      assertTrue(
          json
              || line.matches(
                  "(\\{|20\\d\\d-|\t+at |\t*Caused by: |\t*Suppressed: |\t+\\.\\.\\. |java\\.).*"),
          line);
    }
    assertTrue(String.join("\n", lines).contains("Forged: line"));
  }

  private static List<String> lines(boolean json, Throwable failure) {
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    try {
      ConsoleLog.write(context, json ? new JsonLines() : ConsoleLog.text(context));
      Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
      ConsoleAppender<ILoggingEvent> console =
          (ConsoleAppender<ILoggingEvent>) root.getAppender("console");
      Object[] hostile = {HostileText.ALL, HostileText.ALL, failure};
      LoggingEvent event =
          new LoggingEvent("", root, Level.ERROR, "{} failed: {}", failure, hostile);
      return List.of(
          new String(console.getEncoder().encode(event), StandardCharsets.UTF_8).split("\n"));
    } finally {
      context.stop();
    }
  }
}
