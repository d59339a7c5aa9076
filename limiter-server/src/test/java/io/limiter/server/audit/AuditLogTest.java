package io.limiter.server.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.limiter.server.access.AccessException;
import io.limiter.server.access.AccessListener;
import io.limiter.server.access.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What is written down stays bounded and is counted, whatever happens to the file. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AuditLogTest {
  private static final int FLOOD = 100_000;

  @TempDir Path folder;

  private static AuditLog to(Path file) throws IOException {
    return AuditLog.to(AuditTarget.of(file), Clock.systemUTC());
  }

  private static AccessListener.Refusal refusal(String domain) {
    return new AccessListener.Refusal(
        "shop-team",
        "token",
        "reset",
        domain,
        AccessException.Kind.NOT_PERMITTED,
        new Origin("192.0.2.1", ""),
        "it may not");
  }

  private static AuditEvent reset(String domain) {
    return new AuditEvent(
        AuditEvent.What.RESET,
        "",
        "shop-team",
        "token",
        new Origin("192.0.2.1", "0af7651916cd43dd8448eb211c80319c"),
        domain,
        Map.of("user", "a"),
        List.of("r"),
        "ok",
        3);
  }

  private static List<String> await(Path file, Predicate<List<String>> seen) throws IOException {
    while (true) {
      List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
      if (seen.test(lines)) {
        return lines;
      }
      Thread.onSpinWait();
    }
  }

  @Test
  void aLine_saysWhoDidWhat() {
    Clock clock = Clock.fixed(Instant.parse("2026-01-02T03:04:05.678901Z"), ZoneOffset.UTC);
    assertEquals(
        "{\"time\":\"2026-01-02T03:04:05.678Z\",\"what\":\"reset\",\"method\":null,"
            + "\"caller\":\"shop-team\",\"by\":\"token\",\"host\":\"192.0.2.1\",\"domain\":\"shop\","
            + "\"attributes\":{\"user\":\"a\"},\"rules\":[\"r\"],\"outcome\":\"ok\",\"count\":3,"
            + "\"trace\":\"0af7651916cd43dd8448eb211c80319c\"}\n",
        new String(
            AuditJson.line(clock.instant(), reset("shop")),
            java.nio.charset.StandardCharsets.UTF_8));
  }

  @Test
  void nothingThatACallerSends_endsALineOrMakesItLong() {
    byte[] line =
        AuditJson.line(Instant.EPOCH, reset("a\n{\"what\":\"reset\"}\r" + "x".repeat(100_000)));
    assertTrue(line.length < 1_000, () -> line.length + " bytes");
    assertEquals(1, new String(line, java.nio.charset.StandardCharsets.UTF_8).lines().count());
  }

  @Test
  void aFloodOfRefusals_isBounded_countedAndHidesNothing() throws IOException {
    Path file = folder.resolve("audit.log");
    long start = System.nanoTime();
    try (AuditLog audit = to(file)) {
      for (int i = 0; i < FLOOD; i++) {
        audit.refused(refusal("shop"));
        if (i % 1_000 == 0) {
          audit.tell(reset("shop"));
        }
      }
    }
    long seconds = (System.nanoTime() - start) / 1_000_000_000;
    int refused = 0;
    int resets = 0;
    long leftOut = 0;
    for (String line : Files.readAllLines(file)) {
      JsonObject object = JsonParser.parseString(line).getAsJsonObject();
      switch (object.get("what").getAsString()) {
        case "refused" -> refused++;
        case "reset" -> resets++;
        default -> leftOut += object.get("count").getAsLong();
      }
    }
    assertEquals(FLOOD, refused + leftOut);
    assertEquals(FLOOD / 1_000, resets);
    assertTrue(refused <= AuditLog.PER_SECOND * (seconds + 2), refused + " in " + seconds + " s");
  }

  @Test
  void aFileThatWasMovedAway_isMadeAnew() throws IOException {
    Path file = folder.resolve("audit.log");
    Path moved = folder.resolve("audit.log.1");
    try (AuditLog audit = to(file)) {
      audit.tell(reset("before"));
      await(file, lines -> lines.size() == 1);
      Files.move(file, moved);
      await(
          file,
          lines -> {
            audit.tell(reset("after"));
            Thread.onSpinWait();
            return lines.stream().anyMatch(line -> line.contains("\"after\""));
          });
    }
    assertTrue(Files.readString(moved).contains("\"before\""));
    String after = Files.readString(file);
    assertTrue(after.contains("\"after\"") && !after.contains("\"before\""), after);
  }

  @Test
  void whereNothingCanBeWritten_isRefusedAtTheStart() {
    IOException refused =
        assertThrows(IOException.class, () -> to(folder.resolve("none").resolve("audit.log")));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("its directory is not there; name a file"),
        refused::getMessage);
  }

  static boolean hasFullDevice() {
    return Files.isWritable(Path.of("/dev/full"));
  }

  @Test
  @EnabledIf("hasFullDevice")
  void aFullDisk_isToldOnce_andLosesNoMoreThanItsLines() throws IOException {
    Logger logger = (Logger) LoggerFactory.getLogger(AuditFile.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try (AuditFile file = AuditFile.open(Optional.of(Path.of("/dev/full")))) {
      for (int i = 0; i < 10; i++) {
        assertEquals(false, file.write(AuditJson.line(Instant.EPOCH, reset("shop"))));
      }
    } finally {
      logger.detachAppender(log);
    }
    assertEquals(1, log.list.size());
    assertTrue(log.list.get(0).getFormattedMessage().contains("No space left on device"));
  }
}
