package io.limiter.server.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LogLimitTest {
  private final LoggerContext context = new LoggerContext();
  private final ListAppender<ILoggingEvent> written = new ListAppender<>();
  private final List<Runnable> later = new ArrayList<>();
  private final Logger ours = context.getLogger("io.limiter.server.Here");
  private final Logger library = context.getLogger("io.netty.There");

  @BeforeEach
  void start() {
    written.start();
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.INFO);
    root.addAppender(written);
    context.addTurboFilter(LogLimit.of(later::add));
  }

  private void periodEnds() {
    List<Runnable> due = List.copyOf(later);
    later.clear();
    due.forEach(Runnable::run);
  }

  private List<String> lines() {
    List<String> lines = written.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    written.list.clear();
    return lines;
  }

  @Test
  void theFirstPassesAtOnce_thenCountsComeOncePerPeriod_alsoWhenTheFloodIsOver() {
    for (int i = 0; i < 1_000; i++) {
      ours.warn("Redis at {} is away", "here");
    }
    assertEquals(List.of("Redis at here is away"), lines());
    periodEnds();
    assertEquals(List.of("Redis at here is away (999 more in the last 10 s)"), lines());
    for (int i = 0; i < 7; i++) {
      ours.warn("Redis at {} is away", "here");
    }
    assertEquals(List.of(), lines());
    periodEnds();
    assertEquals(List.of("Redis at here is away (7 more in the last 10 s)"), lines());
    periodEnds();
    assertEquals(List.of(), lines());
    assertEquals(List.of(), later, "nothing to wait for");
    ours.warn("Redis at {} is away", "here");
    assertEquals(List.of("Redis at here is away"), lines());
  }

  @Test
  void whatDiffers_isWritten_upToTwentyLinesOfALogger() {
    for (int i = 0; i < 100; i++) {
      ours.error("rules.yaml:{}: unknown field", i);
    }
    List<String> lines = lines();
    assertEquals(LogLimit.MOST_LINES, lines.size());
    assertEquals("rules.yaml:19: unknown field", lines.get(19));
    ours.warn("another level has room of its own");
    context.getLogger("io.limiter.server.Else").error("and so has another logger");
    assertEquals(2, lines().size());
    periodEnds();
    assertEquals(List.of("(80 other lines of this logger in the last 10 s)"), lines());
  }

  @Test
  void aLibrarysWarning_hasNoStack_andIsCutShort_butItsErrorKeepsTheStack() {
    IllegalStateException why = new IllegalStateException("reset by peer");
    library.warn("Unexpected exception", why);
    ILoggingEvent line = written.list.get(0);
    assertEquals(
        "Unexpected exception: java.lang.IllegalStateException: reset by peer",
        line.getFormattedMessage());
    assertNull(line.getThrowableProxy());
    assertEquals("io.netty.There", line.getLoggerName());
    written.list.clear();

    library.warn("not an SSL/TLS record: " + "48".repeat(30_000));
    String cut = lines().get(0);
    assertTrue(cut.length() < LogLimit.MOST_CHARACTERS + 50, cut);
    assertTrue(cut.endsWith("(60023 characters)"), cut);

    library.error("A defect", why);
    assertNotNull(written.list.get(0).getThrowableProxy());
    written.list.clear();
    ours.warn("Ours", why);
    assertNotNull(written.list.get(0).getThrowableProxy());
  }

  @Test
  void theSameLineWithDifferentStacks_isTheSame_withAnotherMessage_another() {
    for (int i = 0; i < 50; i++) {
      ours.error("It failed", new IllegalStateException("one"));
      ours.error("It failed", new IllegalStateException("two"));
    }
    assertEquals(List.of("It failed", "It failed"), lines());
    periodEnds();
    assertEquals(
        List.of(
            "It failed: java.lang.IllegalStateException: one (49 more in the last 10 s)",
            "It failed: java.lang.IllegalStateException: two (49 more in the last 10 s)"),
        lines());
  }

  @Test
  void whatIsOff_isNotCounted_andDebugIsNotBounded() {
    ours.debug("off");
    ours.setLevel(Level.DEBUG);
    for (int i = 0; i < 50; i++) {
      ours.debug("on");
    }
    assertEquals(50, lines().size());
    ours.setLevel(Level.ERROR);
    ours.warn("off");
    ours.warn("off");
    periodEnds();
    assertEquals(List.of(), lines());
  }

  /** Logback does not ask filters about these. */
  @Test
  void nothingHere_logsByTheFluentCalls() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        assertFalse(
            Pattern.compile("\\.at(Error|Warn|Info|Level)\\(")
                .matcher(Files.readString(file))
                .find(),
            file::toString);
      }
    }
  }

  @Test
  void textsThatLookLikeFormats_stayAsTheyAre() {
    library.warn("{} {}", "a {}", "b\\{}");
    assertEquals(List.of("a {} b\\{}"), lines());
  }
}
