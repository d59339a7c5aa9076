package io.limiter.server.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JsonLinesTest {
  private static String line(String message, @Nullable Throwable thrown) {
    LoggingEvent event =
        new LoggingEvent(
            "caller",
            new LoggerContext().getLogger("io.limiter.Test"),
            Level.WARN,
            message,
            thrown,
            new Object[] {"a\n\"b\"\u2028"});
    event.setTimeStamp(1_767_225_600_007L);
    event.setThreadName("main");
    return new String(new JsonLines().encode(event), StandardCharsets.UTF_8);
  }

  @Test
  void aLine_hasTheNamesThatPipelinesLookFor_andNoLineInIt() {
    String line = line("said {}", null);
    assertEquals(line.length() - 1, line.indexOf('\n'));
    JsonObject read = JsonParser.parseString(line).getAsJsonObject();
    assertEquals(
        Set.of("@timestamp", "level", "message", "logger_name", "thread_name"), read.keySet());
    assertEquals("2026-01-01T00:00:00.007Z", read.get("@timestamp").getAsString());
    assertEquals("WARN", read.get("level").getAsString());
    assertEquals("said a\n\"b\"\u2028", read.get("message").getAsString());
  }

  @Test
  void aThrowable_isAFieldOfItsOwn() {
    String line = line("failed", new IllegalStateException("because"));
    assertEquals(line.length() - 1, line.indexOf('\n'));
    String stack = JsonParser.parseString(line).getAsJsonObject().get("stack_trace").getAsString();
    assertTrue(stack.startsWith("java.lang.IllegalStateException: because\n"), stack);
  }
}
